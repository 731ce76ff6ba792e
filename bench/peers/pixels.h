/* Packed words to the pixels of one CCD, as a careful C program does it: scalar unpacking, and a crosstalk loop that the compiler vectorises. */
#ifndef BENCH_PIXELS_H
#define BENCH_PIXELS_H
#include "spec.h"

/* raw[(f * rows + row) * columns + column] */
void unpack(const struct input *input, const struct ccd *ccd, int32_t *raw);
/* Source by source and target by target; clip(raw - ceil(sub - 0.5)), with or without quadratic terms. */
void correct(const struct input *input, const struct ccd *ccd, int quadratic, const int32_t *raw, int32_t *corrected);

#endif
