/* Floors: what the machine gives when nothing is computed. Modes: memcpy (input = any file, its bytes are copied), o-direct-write (input = a text
 * file with one size per line; a file of each size is written with one O_DIRECT write and fsynced, one after another). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "spec.h"

struct copy {
  const uint8_t *from;
  uint8_t *to;
  size_t bytes;
};

static void copy(void *data) {
  const struct copy *job = data;
  memcpy(job->to, job->from, job->bytes);
}

struct writes {
  const char *folder;
  int files;
  size_t size[512];
  uint8_t *data;
};

static void write_file(const char *path, const uint8_t *data, size_t bytes) {
  const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_DIRECT, 0644);
  if (file < 0) fail("no O_DIRECT file", path);
  for (size_t done = 0; done < bytes;) {
    const ssize_t written = write(file, data + done, bytes - done);
    if (written <= 0) fail("cannot write", path);
    done += (size_t)written;
  }
  if (fsync(file) != 0 || close(file) != 0) fail("cannot sync", path);
}

static void write_files(void *data) {
  const struct writes *job = data;
  char path[4096];
  for (int i = 0; i < job->files; i++) {
    snprintf(path, sizeof path, "%s/floor.%d", job->folder, i);
    write_file(path, job->data, (job->size[i] + 4095) / 4096 * 4096);
  }
  const int folder = open(job->folder, O_RDONLY | O_DIRECTORY);
  if (folder < 0 || fsync(folder) != 0) fail("cannot sync", job->folder);
  close(folder);
}

static void read_sizes(const char *path, struct writes *job) {
  FILE *file = fopen(path, "r");
  if (file == NULL) fail("cannot open", path);
  size_t largest = 0;
  while (job->files < 512 && fscanf(file, "%zu", &job->size[job->files]) == 1) {
    if (job->size[job->files] > largest) largest = job->size[job->files];
    job->files++;
  }
  fclose(file);
  job->data = aligned_alloc(4096, (largest / 4096 + 1) * 4096);
  if (job->data == NULL) fail("no memory for", path);
  for (size_t i = 0; i < (largest / 4096 + 1) * 4096; i++) job->data[i] = (uint8_t)(i * 2654435761u >> 24);
}

int main(int argc, char **argv) {
  const struct trial trial = read_trial(argc, argv);
  if (strcmp(trial.mode, "memcpy") == 0) {
    struct copy job;
    job.from = read_whole(trial.input, 0, &job.bytes);
    job.to = aligned_alloc(4096, (job.bytes + 4095) / 4096 * 4096);
    if (job.to == NULL) fail("no memory for", trial.input);
    madvise(job.to, job.bytes, MADV_HUGEPAGE);
    measure(&trial, copy, &job);
  } else if (strcmp(trial.mode, "o-direct-write") == 0) {
    static struct writes job;
    job.folder = trial.out;
    read_sizes(trial.input, &job);
    measure(&trial, write_files, &job);
  } else {
    fail("unknown mode", trial.mode);
  }
  return 0;
}
