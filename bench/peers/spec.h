/* What a trial is asked to do, and the input it works on, as bench/inputs.ts writes them. */
#ifndef BENCH_SPEC_H
#define BENCH_SPEC_H
#include <stddef.h>
#include <stdint.h>

#define SEGMENTS 16
#define GROUP_BYTES 36
#define MAX_CCDS 16

struct ccd {
  const uint8_t *packed; /* of its REB: rows * columns samples of `groups` groups */
  int group;
  int channel[SEGMENTS]; /* FITS order -> DAQ channel */
  float linear[SEGMENTS][SEGMENTS]; /* [source][target] */
  float quadratic[SEGMENTS][SEGMENTS];
  char name[64];
};

struct input {
  int columns, rows, groups, pedestal_first, pedestal_end;
  uint32_t xor_mask;
  int ccds;
  struct ccd ccd[MAX_CCDS];
};

struct trial {
  const char *mode;
  const char *input;  /* the input description, or the file of a mode that needs one file */
  const char *out;    /* folder for files */
  int keep;           /* write the answer for comparison */
  int both;           /* both products and quadratic terms; else the corrected product by linear terms */
  int warmups, iterations;
};

/* Arguments `name=value`. Ends the program with a sentence when one is wrong. */
struct trial read_trial(int argc, char **argv);
struct input read_input(const char *path);
/* A whole file in memory; `slack` readable bytes follow. */
uint8_t *read_whole(const char *path, size_t slack, size_t *bytes);
void write_whole(const char *folder, const char *name, const void *data, size_t bytes);
_Noreturn void fail(const char *what, const char *value);
double now_ms(void);

/*
 * Runs `work(data)` warmups + iterations times and prints the trial's result as one JSON line. Before each the trial's folder is emptied, untimed:
 * every file is a new one.
 */
void measure(const struct trial *trial, void (*work)(void *), void *data);

#endif
