// How a test program runs: quick or full, and on which instruction sets.
#pragma once
#include <initializer_list>

#include "../../core/kernels.h"
#include "../../third_party/doctest.h"

namespace ccarchiver::test {

// True when the program was started with --full: fuzz tests then run their long count.
bool full_run();

inline const char* name_of(Cpu cpu) { return cpu == Cpu::kAvx512 ? "avx512" : cpu == Cpu::kAvx2 ? "avx2" : "scalar"; }

// Calls body once for each instruction set that this machine has.
template <class Body>
void on_each_cpu(Body body) {
  const Cpu before = active_cpu();
  for (Cpu cpu : {Cpu::kScalar, Cpu::kAvx2, Cpu::kAvx512}) {
    if (!force_cpu(cpu)) continue;
    INFO("cpu: ", name_of(cpu));
    body();
  }
  force_cpu(before);
}

}  // namespace ccarchiver::test
