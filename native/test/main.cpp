#define DOCTEST_CONFIG_IMPLEMENT
#include <cstring>

#include "support/run.h"

namespace {
bool full = false;
}

bool ccarchiver::test::full_run() { return full; }

int main(int argc, char** argv) {
  for (int i = 1; i < argc; i++) full = full || std::strcmp(argv[i], "--full") == 0;
  return doctest::Context(argc, argv).run();
}
