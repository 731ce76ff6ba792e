// Cuts the power of an ext4: nothing that is not in its journal survives, and every later operation fails. Prints the time right before, in
// nanoseconds of CLOCK_MONOTONIC. Usage: cut MOUNTPOINT
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int folder = open(argv[1], O_RDONLY | O_DIRECTORY);
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint32_t without_flushing_the_log = 2;  // EXT4_GOING_FLAGS_NOLOGFLUSH
  if (folder < 0 || ioctl(folder, _IOR('X', 125, uint32_t), &without_flushing_the_log) != 0) {  // EXT4_IOC_SHUTDOWN
    perror(argv[1]);
    return 1;
  }
  printf("%lld\n", static_cast<long long>(now.tv_sec) * 1000000000 + now.tv_nsec);
  return 0;
}
