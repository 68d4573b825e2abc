// Memory bandwidth of reading: threads add up an array of 64-bit words, each its own part, again and again.
//   bandwidth BYTES THREADS SECONDS -> GB/s, of the fastest pass
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_THREADS 64

static uint64_t *words;
static size_t num_words;
static int num_threads;
static double seconds;
static pthread_barrier_t barrier;
static double fastest = 1e9;
static volatile int done = 0;
static volatile uint64_t sums[MOST_THREADS];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + 1e-9 * time.tv_nsec;
}

static uint64_t sum_of(const uint64_t *from, const uint64_t *to) {
  uint64_t a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
  for (; from + 8 <= to; from += 8) {
    a += from[0], b += from[1], c += from[2], d += from[3];
    e += from[4], f += from[5], g += from[6], h += from[7];
  }
  return a + b + c + d + e + f + g + h;
}

static void *work(void *argument) {
  size_t thread = (size_t)argument;
  const uint64_t *from = words + num_words * thread / num_threads;
  const uint64_t *to = words + num_words * (thread + 1) / num_threads;
  double end = now() + seconds;
  while (!done) {
    pthread_barrier_wait(&barrier);
    double started = now();
    sums[thread] = sum_of(from, to);
    pthread_barrier_wait(&barrier);
    if (thread == 0) {
      double took = now() - started;
      if (took < fastest) fastest = took;
      if (now() > end) done = 1;
    }
    pthread_barrier_wait(&barrier);
  }
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 4) return fprintf(stderr, "bandwidth: expected BYTES THREADS SECONDS\n"), 1;
  num_words = strtoull(arguments[1], NULL, 10) / sizeof *words;
  num_threads = atoi(arguments[2]);
  seconds = atof(arguments[3]);
  if (num_threads < 1 || num_threads > MOST_THREADS) return fprintf(stderr, "bandwidth: 1 to 64 threads\n"), 1;
  if (posix_memalign((void **)&words, 64, num_words * sizeof *words + 64) != 0) return 1;
  memset(words, 1, num_words * sizeof *words);
  pthread_barrier_init(&barrier, NULL, num_threads);
  pthread_t threads[MOST_THREADS];
  for (size_t thread = 1; thread < (size_t)num_threads; thread++)
    pthread_create(&threads[thread], NULL, work, (void *)thread);
  work(NULL);
  for (int thread = 1; thread < num_threads; thread++) pthread_join(threads[thread], NULL);
  printf("%.4f\n", num_words * sizeof *words / fastest / 1e9);
  return 0;
}
