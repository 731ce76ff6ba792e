// The kernels run with the best instruction set of the machine, until another that it has is forced.
#include <initializer_list>

#include "support/run.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

TEST_CASE("the best instruction set that can be forced is the one in use from the start") {
  const Cpu at_start = active_cpu();
  Cpu best = Cpu::kScalar;
  for (Cpu cpu : {Cpu::kAvx2, Cpu::kAvx512}) best = force_cpu(cpu) ? cpu : best;
  force_cpu(at_start);
  CHECK(at_start == best);
}

TEST_CASE("forcing takes effect exactly when the machine has the instruction set") {
  const Cpu at_start = active_cpu();
  CHECK(force_cpu(Cpu::kScalar));
  CHECK(active_cpu() == Cpu::kScalar);
  for (Cpu cpu : {Cpu::kAvx2, Cpu::kAvx512}) {
    force_cpu(Cpu::kScalar);
    CHECK(active_cpu() == (force_cpu(cpu) ? cpu : Cpu::kScalar));
  }
  force_cpu(at_start);
}
