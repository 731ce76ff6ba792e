// An error of the project's error table, on its way from native code to the edge that turns it into a JavaScript error.
#pragma once
#include <exception>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ccarchiver {

// Details are the values that the table's message names in braces; numbers are exact up to 2^53.
class Failure : public std::exception {
 public:
  using Detail = std::pair<const char*, std::variant<std::string, double>>;

  Failure(const char* code, std::vector<Detail> details) : code_(code), details_(std::move(details)) {}

  const char* code() const noexcept { return code_; }
  const std::vector<Detail>& details() const noexcept { return details_; }
  const char* what() const noexcept override { return code_; }

 private:
  const char* code_;
  std::vector<Detail> details_;
};

// A caller broke the contract of a call; nothing was changed.
inline Failure bad_argument(std::string problem) { return Failure("NATIVE_ARGUMENT", {{"problem", std::move(problem)}}); }

}  // namespace ccarchiver
