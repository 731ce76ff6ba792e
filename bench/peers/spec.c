#define _GNU_SOURCE
#include "spec.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

void fail(const char *what, const char *value) {
  fprintf(stderr, "peer: %s: %s\n", what, value);
  exit(1);
}

double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

uint8_t *read_whole(const char *path, size_t slack, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail("cannot open", path);
  fseek(file, 0, SEEK_END);
  *bytes = (size_t)ftell(file);
  rewind(file);
  uint8_t *data = aligned_alloc(4096, (*bytes + slack + 4095) / 4096 * 4096);
  if (data == NULL) fail("no memory for", path);
  madvise(data, *bytes, MADV_HUGEPAGE);
  if (fread(data, 1, *bytes, file) != *bytes) fail("cannot read", path);
  memset(data + *bytes, 0, slack);
  fclose(file);
  return data;
}

void write_whole(const char *folder, const char *name, const void *data, size_t bytes) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "wb");
  if (file == NULL || fwrite(data, 1, bytes, file) != bytes || fclose(file) != 0) fail("cannot write", path);
}

struct trial read_trial(int argc, char **argv) {
  struct trial trial = {.mode = "", .input = "", .out = ".", .keep = 0, .both = 0, .warmups = 1, .iterations = 1};
  for (int i = 1; i < argc; i++) {
    char *value = strchr(argv[i], '=');
    if (value == NULL) fail("not name=value", argv[i]);
    *value++ = '\0';
    if (strcmp(argv[i], "mode") == 0) trial.mode = value;
    else if (strcmp(argv[i], "input") == 0) trial.input = value;
    else if (strcmp(argv[i], "out") == 0) trial.out = value;
    else if (strcmp(argv[i], "keep") == 0) trial.keep = atoi(value);
    else if (strcmp(argv[i], "both") == 0) trial.both = atoi(value);
    else if (strcmp(argv[i], "warmups") == 0) trial.warmups = atoi(value);
    else if (strcmp(argv[i], "iterations") == 0) trial.iterations = atoi(value);
    else fail("unknown argument", argv[i]);
  }
  return trial;
}

static void read_matrix(FILE *file, float matrix[SEGMENTS][SEGMENTS], const char *path) {
  for (int i = 0; i < SEGMENTS * SEGMENTS; i++) {
    if (fscanf(file, "%f", &matrix[i / SEGMENTS][i % SEGMENTS]) != 1) fail("bad coefficients in", path);
  }
}

static void read_ccd(FILE *file, struct input *input, const uint8_t *packed, const char *path) {
  if (input->ccds == MAX_CCDS || packed == NULL) fail("too many CCDs, or a CCD without its source, in", path);
  struct ccd *ccd = &input->ccd[input->ccds++];
  ccd->packed = packed;
  if (fscanf(file, "%63s %d", ccd->name, &ccd->group) != 2) fail("bad CCD in", path);
  for (int f = 0; f < SEGMENTS; f++) {
    if (fscanf(file, "%d", &ccd->channel[f]) != 1) fail("bad channels in", path);
  }
  read_matrix(file, ccd->linear, path);
  read_matrix(file, ccd->quadratic, path);
}

struct input read_input(const char *path) {
  static struct input input;
  FILE *file = fopen(path, "r");
  if (file == NULL) fail("cannot open", path);
  if (fscanf(file, "%d %d %d %u %d %d", &input.columns, &input.rows, &input.groups, &input.xor_mask,
             &input.pedestal_first, &input.pedestal_end) != 6)
    fail("bad geometry in", path);
  char word[16], source[4096];
  const uint8_t *packed = NULL;
  while (fscanf(file, "%15s", word) == 1) {
    if (strcmp(word, "source") == 0) {
      size_t bytes;
      if (fscanf(file, " %4095[^\n]", source) != 1) fail("bad source in", path);
      packed = read_whole(source, 64, &bytes);
      if (bytes != (size_t)input.columns * input.rows * input.groups * GROUP_BYTES) fail("wrong length", source);
    } else if (strcmp(word, "ccd") == 0) {
      read_ccd(file, &input, packed, path);
    } else {
      fail("unknown word in", path);
    }
  }
  fclose(file);
  return input;
}

/* Largest resident set of this process alone; getrusage would begin with that of the parent. */
static long peak_rss_bytes(void) {
  FILE *file = fopen("/proc/self/status", "r");
  char line[256];
  long kilobytes = 0;
  while (file != NULL && fgets(line, sizeof line, file) != NULL) sscanf(line, "VmHWM: %ld", &kilobytes);
  if (file != NULL) fclose(file);
  return kilobytes * 1024;
}

static void empty_folder(const char *path) {
  DIR *folder = opendir(path);
  if (folder == NULL) fail("cannot open", path);
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    if (entry->d_name[0] != '.' && unlinkat(dirfd(folder), entry->d_name, 0) != 0) fail("cannot remove", entry->d_name);
  }
  closedir(folder);
}

void measure(const struct trial *trial, void (*work)(void *), void *data) {
  printf("{\"ms\":[");
  for (int i = 0; i < trial->warmups + trial->iterations; i++) {
    empty_folder(trial->out);
    const double start = now_ms();
    work(data);
    const double taken = now_ms() - start;
    if (i >= trial->warmups) printf("%s%.4f", i > trial->warmups ? "," : "", taken);
  }
  printf("],\"peakRssBytes\":%ld}\n", peak_rss_bytes());
}
