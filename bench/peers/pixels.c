#include "pixels.h"

#include <math.h>
#include <string.h>

#define MAX_COLUMNS 2048

void unpack(const struct input *input, const struct ccd *ccd, int32_t *raw) {
  const size_t sample_bytes = (size_t)input->groups * GROUP_BYTES;
  const size_t plane = (size_t)input->rows * input->columns;
  int byte[SEGMENTS], shift[SEGMENTS];
  for (int f = 0; f < SEGMENTS; f++) {
    byte[f] = ccd->channel[f] * 18 / 8;
    shift[f] = ccd->channel[f] * 18 % 8;
  }
  const uint8_t *group = ccd->packed + (size_t)ccd->group * GROUP_BYTES;
  for (size_t pixel = 0; pixel < plane; pixel++, group += sample_bytes) {
    for (int f = 0; f < SEGMENTS; f++) {
      uint32_t word;
      memcpy(&word, group + byte[f], sizeof word);
      raw[(size_t)f * plane + pixel] = (int32_t)((word >> shift[f] & 0x3ffff) ^ input->xor_mask);
    }
  }
}

static void signals(const struct input *input, const int32_t *row, float *restrict signal) {
  int32_t sum = 0;
  for (int x = input->pedestal_first; x < input->pedestal_end; x++) sum += row[x];
  const float pedestal = (float)sum / (float)(input->pedestal_end - input->pedestal_first);
  for (int x = 0; x < input->columns; x++) signal[x] = (float)row[x] - pedestal;
}

static void add_linear(int columns, float c, const float *restrict signal, float *restrict sub) {
  for (int x = 0; x < columns; x++) sub[x] = fmaf(c, signal[x], sub[x]);
}

static void add_quadratic(int columns, float c, const float *restrict signal, float *restrict sub) {
  for (int x = 0; x < columns; x++) {
    const float square = signal[x] * signal[x];
    sub[x] = fmaf(c, square, sub[x]);
  }
}

static void subtract(int columns, const int32_t *restrict raw, const float *restrict sub, int32_t *restrict out) {
  for (int x = 0; x < columns; x++) {
    int32_t value = raw[x] - (int32_t)ceilf(sub[x] - 0.5f);
    value = value < 0 ? 0 : value;
    out[x] = value > 262143 ? 262143 : value;
  }
}

void correct(const struct input *input, const struct ccd *ccd, int quadratic, const int32_t *raw, int32_t *corrected) {
  static _Thread_local float signal[SEGMENTS][MAX_COLUMNS], sub[MAX_COLUMNS];
  const size_t plane = (size_t)input->rows * input->columns;
  for (int row = 0; row < input->rows; row++) {
    const size_t at = (size_t)row * input->columns;
    for (int s = 0; s < SEGMENTS; s++) signals(input, raw + s * plane + at, signal[s]);
    for (int t = 0; t < SEGMENTS; t++) {
      memset(sub, 0, sizeof sub);
      for (int s = 0; s < SEGMENTS; s++) {
        if (s == t) continue;
        add_linear(input->columns, ccd->linear[s][t], signal[s], sub);
        if (quadratic) add_quadratic(input->columns, ccd->quadratic[s][t], signal[s], sub);
      }
      subtract(input->columns, raw + t * plane + at, sub, corrected + t * plane + at);
    }
  }
}
