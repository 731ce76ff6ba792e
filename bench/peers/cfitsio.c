/* cfitsio as a peer: its Rice coder alone, its checksum, and whole pipelines from packed words to compressed FITS files with checksums. */
#include <fcntl.h>
#include <fitsio.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pixels.h"

/* Exported by the library, not declared in fitsio.h. */
int fits_rcomp(int pixels[], int count, unsigned char *out, int out_size, int block_size);
int fits_rdecomp(unsigned char *tile, int bytes, unsigned int pixels[], int count, int block_size);

#define BLOCK 32
#define MAX_THREADS 2

struct peer {
  struct trial trial;
  struct input input;
  int threads;
  int in_memory;
  atomic_int next;
  uint8_t *from;          /* of the modes that work on one file */
  size_t from_bytes;
  int32_t *lengths;
  int32_t *raw, *corrected;
  uint8_t *tiles;
  fitsfile *file;
  unsigned long sums[2];
};

static void check(int status, const char *what) {
  char text[FLEN_STATUS];
  if (status == 0) return;
  fits_get_errstatus(status, text);
  fail(what, text);
}

static void *memory(size_t bytes) {
  void *result = malloc(bytes);
  if (result == NULL) fail("no memory", "malloc");
  memset(result, 0, bytes);
  return result;
}

static size_t pixels_of(const struct input *input) { return (size_t)SEGMENTS * input->rows * input->columns; }

/* Tiles of all rows of all segments, one after another. */
static size_t encode(const struct input *input, int32_t *planar, uint8_t *tiles, int32_t *lengths) {
  const int count = SEGMENTS * input->rows;
  size_t used = 0;
  for (int tile = 0; tile < count; tile++) {
    const int bytes = fits_rcomp(planar + (size_t)tile * input->columns, input->columns, tiles + used, input->columns * 5, BLOCK);
    if (bytes < 0) fail("fits_rcomp", "no room");
    lengths[tile] = bytes;
    used += (size_t)bytes;
  }
  return used;
}

static void work_encode(void *data) {
  struct peer *peer = data;
  peer->from_bytes = encode(&peer->input, peer->raw, peer->tiles, peer->lengths);
}

static void work_decode(void *data) {
  struct peer *peer = data;
  const int columns = peer->input.columns;
  uint8_t *tile = peer->from;
  for (int i = 0; i < SEGMENTS * peer->input.rows; i++) {
    check(fits_rdecomp(tile, peer->lengths[i], (unsigned *)peer->raw + (size_t)i * columns, columns, BLOCK), "fits_rdecomp");
    tile += peer->lengths[i];
  }
}

static void work_crosstalk(void *data) {
  struct peer *peer = data;
  correct(&peer->input, &peer->input.ccd[0], peer->trial.both, peer->raw, peer->corrected);
}

static void work_kernel(void *data) {
  struct peer *peer = data;
  const struct ccd *ccd = &peer->input.ccd[0];
  unpack(&peer->input, ccd, peer->raw);
  if (peer->trial.both) encode(&peer->input, peer->raw, peer->tiles, peer->lengths);
  correct(&peer->input, ccd, peer->trial.both, peer->raw, peer->corrected);
  peer->from_bytes = encode(&peer->input, peer->corrected, peer->tiles, peer->lengths);
}

static void work_checksum(void *data) {
  struct peer *peer = data;
  int status = 0;
  check(fits_get_chksum(peer->file, &peer->sums[0], &peer->sums[1], &status), "fits_get_chksum");
}

static void add_cards(fitsfile *file, int count) {
  char card[FLEN_CARD];
  int status = 0;
  for (int i = 0; i < count; i++) {
    snprintf(card, sizeof card, "KEY%05d= %20.8f / a value that stands for the real ones", i, i * 1.25);
    fits_write_record(file, card, &status);
  }
  check(status, "fits_write_record");
}

/* 17 HDUs: about 150 cards in the primary one, 65 in each segment, checksums in all. */
static void write_fits(const struct peer *peer, const char *path, int32_t *planar) {
  const struct input *input = &peer->input;
  const size_t plane = (size_t)input->rows * input->columns;
  long axes[2] = {input->columns, input->rows}, tile[2] = {input->columns, 1};
  fitsfile *file;
  int status = 0;
  fits_create_file(&file, path, &status);
  fits_create_img(file, 32, 0, axes, &status);
  check(status, path);
  add_cards(file, 145);
  fits_write_chksum(file, &status);
  fits_set_compression_type(file, RICE_1, &status);
  fits_set_tile_dim(file, 2, tile, &status);
  for (int f = 0; f < SEGMENTS; f++) {
    fits_create_img(file, 32, 2, axes, &status);
    check(status, path);
    add_cards(file, 55);
    fits_write_img(file, TINT, 1, (long)plane, planar + f * plane, &status);
    fits_write_chksum(file, &status);
  }
  fits_close_file(file, &status);
  check(status, path);
}

static void sync_file(const char *path) {
  const int file = open(path, O_RDONLY);
  if (file < 0 || fsync(file) != 0) fail("cannot sync", path);
  close(file);
}

static void write_product(const struct peer *peer, const struct ccd *ccd, const char *product, int32_t *planar) {
  char path[4096];
  if (peer->in_memory && !peer->trial.keep) {
    write_fits(peer, "mem://", planar);
    return;
  }
  snprintf(path, sizeof path, "%s/%s_%s.fits", peer->trial.out, product, ccd->name);
  write_fits(peer, path, planar);
  if (!peer->in_memory) sync_file(path);
}

/* One thread of a pipeline and its planes, which it keeps from image to image. */
struct worker {
  struct peer *peer;
  int32_t *raw, *corrected;
};

static void *pipeline_thread(void *data) {
  const struct worker *worker = data;
  struct peer *peer = worker->peer;
  for (int i; (i = atomic_fetch_add(&peer->next, 1)) < peer->input.ccds;) {
    const struct ccd *ccd = &peer->input.ccd[i];
    unpack(&peer->input, ccd, worker->raw);
    if (peer->trial.both) write_product(peer, ccd, "raw", worker->raw);
    correct(&peer->input, ccd, peer->trial.both, worker->raw, worker->corrected);
    write_product(peer, ccd, "corrected", worker->corrected);
  }
  return NULL;
}

static void work_pipeline(void *data) {
  struct peer *peer = data;
  static struct worker worker[MAX_THREADS];
  pthread_t thread[MAX_THREADS];
  atomic_store(&peer->next, 0);
  for (int i = 0; i < peer->threads; i++) {
    if (worker[i].peer == NULL) {
      const size_t bytes = pixels_of(&peer->input) * sizeof(int32_t);
      worker[i] = (struct worker){peer, memory(bytes), memory(bytes)};
    }
    pthread_create(&thread[i], NULL, pipeline_thread, &worker[i]);
  }
  for (int i = 0; i < peer->threads; i++) pthread_join(thread[i], NULL);
}

static void prepare_checksum(struct peer *peer) {
  int status = 0;
  peer->from = read_whole(peer->trial.input, 0, &peer->from_bytes);
  long axes[1] = {(long)peer->from_bytes};
  fits_create_file(&peer->file, "mem://", &status);
  fits_create_img(peer->file, 8, 1, axes, &status);
  fits_write_img(peer->file, TBYTE, 1, axes[0], peer->from, &status);
  fits_flush_file(peer->file, &status);
  check(status, "mem://");
}

static void prepare_pixels(struct peer *peer) {
  peer->input = read_input(peer->trial.input);
  const size_t bytes = pixels_of(&peer->input) * sizeof(int32_t);
  peer->raw = memory(bytes);
  peer->corrected = memory(bytes);
  peer->tiles = memory(bytes + bytes / 4);
  peer->lengths = memory(sizeof(int32_t) * (size_t)(SEGMENTS * peer->input.rows));
  unpack(&peer->input, &peer->input.ccd[0], peer->raw);
}

static void prepare_tiles(struct peer *peer) {
  prepare_pixels(peer);
  peer->from = memory(pixels_of(&peer->input) * 5);
  peer->from_bytes = encode(&peer->input, peer->raw, peer->from, peer->lengths);
  memset(peer->raw, 0, pixels_of(&peer->input) * sizeof(int32_t));
}

static void prepare_memory_pipeline(struct peer *peer) {
  peer->input = read_input(peer->trial.input);
  peer->in_memory = 1;
  peer->threads = 1;
}

static void prepare_disk_pipeline(struct peer *peer) {
  peer->input = read_input(peer->trial.input);
  peer->threads = fits_is_reentrant() ? MAX_THREADS : 1;
}

static void answer(const struct peer *peer, const void *data, size_t bytes) {
  write_whole(peer->trial.out, "answer", data, bytes);
}

static void answer_sum(const struct peer *peer) {
  char text[32];
  answer(peer, text, (size_t)snprintf(text, sizeof text, "%lu\n", peer->sums[0]));
}

static void answer_raw(const struct peer *peer) { answer(peer, peer->raw, pixels_of(&peer->input) * sizeof(int32_t)); }

static void answer_corrected(const struct peer *peer) {
  answer(peer, peer->corrected, pixels_of(&peer->input) * sizeof(int32_t));
}

static void answer_tiles(const struct peer *peer) { answer(peer, peer->tiles, peer->from_bytes); }

static void answer_is_in_files(const struct peer *peer) { (void)peer; }

static const struct mode {
  const char *name;
  void (*prepare)(struct peer *);
  void (*work)(void *);
  void (*answer)(const struct peer *);
} modes[] = {
    {"rice-encode", prepare_pixels, work_encode, answer_tiles},
    {"rice-decode", prepare_tiles, work_decode, answer_raw},
    {"crosstalk", prepare_pixels, work_crosstalk, answer_corrected},
    {"checksum", prepare_checksum, work_checksum, answer_sum},
    {"kernel", prepare_pixels, work_kernel, answer_tiles},
    {"ccd-memory", prepare_memory_pipeline, work_pipeline, answer_is_in_files},
    {"raft-disk", prepare_disk_pipeline, work_pipeline, answer_is_in_files},
};

int main(int argc, char **argv) {
  static struct peer peer;
  peer.trial = read_trial(argc, argv);
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    if (strcmp(peer.trial.mode, modes[i].name) != 0) continue;
    modes[i].prepare(&peer);
    measure(&peer.trial, modes[i].work, &peer);
    if (peer.trial.keep) modes[i].answer(&peer);
    return 0;
  }
  fail("unknown mode", peer.trial.mode);
}
