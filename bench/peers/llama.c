// llama.cpp without a wrapper: answers the lines of lineProcess.ts on stdin with one line each on stdout.
//   llama FOLDER-OF-BACKENDS MODEL THREADS CONTEXT
// Between two lines its threads sleep: the default pool polls for a moment and then waits.
#include <stdarg.h>
#include <stdbool.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ggml-backend.h"
#include "llama.h"

#define MOST_SYMBOLS 8192
#define LONGEST_LINE (16 * MOST_SYMBOLS)
#define WARM_STEPS 2

static struct llama_context *context;
static llama_memory_t memory;
static int vocabulary;
static llama_token symbols[MOST_SYMBOLS];

static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("llama: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  exit(1);
}

static void say_problems(enum ggml_log_level level, const char *text, void *unused) {
  (void)unused;
  if (level == GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
}

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return 1e3 * time.tv_sec + 1e-6 * time.tv_nsec;
}

// As promptSymbol in prompt.ts.
static llama_token prompt_symbol(int index) {
  return 6 + (7919 * index + 13) % (vocabulary - 6);
}

static void feed(llama_token *block, int count) {
  if (llama_decode(context, llama_batch_get_one(block, count)) != 0) fail("a block of %d symbols was refused", count);
}

static llama_token likeliest(const float *logits) {
  int best = 0;
  for (int symbol = 1; symbol < vocabulary; symbol++)
    if (logits[symbol] > logits[best]) best = symbol;
  return best;
}

static llama_token step(llama_token symbol) {
  feed(&symbol, 1);
  return likeliest(llama_get_logits_ith(context, -1));
}

static void begin(int count) {
  for (int index = 0; index < count; index++) symbols[index] = prompt_symbol(index);
  llama_memory_clear(memory, false);
}

// The cache holds the first `count` symbols of the prompt and no more.
static void hold(int count) {
  static int held = 0; // Of the prompt, since the last time.
  llama_memory_seq_rm(memory, 0, count < held ? count : held, -1);
  int from = llama_memory_seq_pos_max(memory, 0) + 1;
  for (int index = from; index < count; index++) symbols[index - from] = prompt_symbol(index);
  if (from < count) feed(symbols, count - from);
  held = count;
}

static void answer_prefill(int count) {
  begin(count);
  double started = now_ms();
  feed(symbols, count);
  volatile float first = llama_get_logits_ith(context, -1)[0];
  (void)first;
  printf("%.6f\n", now_ms() - started);
}

static void answer_decode(int held, int count) {
  hold(held);
  llama_token symbol = prompt_symbol(held);
  for (int i = 0; i < WARM_STEPS; i++) symbol = step(symbol);
  double started = now_ms();
  for (int i = 0; i < count; i++) symbol = step(symbol);
  printf("%.6f\n", (now_ms() - started) / count);
}

static void answer_greedy(int held, int count) {
  hold(held);
  llama_token symbol = prompt_symbol(held);
  for (int i = 0; i < count; i++) printf("%d ", symbol = step(symbol));
  printf("\n");
}

static void answer_logits(int count) {
  begin(count);
  feed(symbols, count);
  const float *logits = llama_get_logits_ith(context, -1);
  for (int symbol = 0; symbol < vocabulary; symbol++) printf("%.9g ", logits[symbol]);
  printf("\n");
}

// Mean of -ln p over all symbols of the line but the first.
static void answer_score(char *numbers) {
  int count = 0;
  for (char *word = strtok(numbers, " \n"); word && count < MOST_SYMBOLS; word = strtok(NULL, " \n"))
    symbols[count++] = atoi(word);
  struct llama_batch batch = llama_batch_init(count, 0, 1);
  batch.n_tokens = count;
  for (int i = 0; i < count; i++) {
    batch.token[i] = symbols[i];
    batch.pos[i] = i;
    batch.n_seq_id[i] = 1;
    batch.seq_id[i][0] = 0;
    batch.logits[i] = true;
  }
  llama_memory_clear(memory, false);
  if (llama_decode(context, batch) != 0) fail("a text of %d symbols was refused", count);
  double nats = 0;
  for (int i = 0; i + 1 < count; i++) {
    const float *logits = llama_get_logits_ith(context, i);
    double largest = logits[likeliest(logits)], sum = 0;
    for (int symbol = 0; symbol < vocabulary; symbol++) sum += exp(logits[symbol] - largest);
    nats += largest + log(sum) - logits[symbols[i + 1]];
  }
  llama_batch_free(batch);
  printf("%.9g\n", nats / (count - 1));
}

int main(int count, char **arguments) {
  if (count != 5) fail("expected FOLDER MODEL THREADS CONTEXT, got %d arguments", count - 1);
  llama_log_set(say_problems, NULL);
  ggml_backend_load_all_from_path(arguments[1]);
  llama_backend_init();
  struct llama_model *model = llama_model_load_from_file(arguments[2], llama_model_default_params());
  if (!model) fail("%s does not load", arguments[2]);
  struct llama_context_params options = llama_context_default_params();
  options.n_threads = options.n_threads_batch = atoi(arguments[3]);
  options.n_ctx = atoi(arguments[4]);
  options.n_batch = options.n_ctx;
  options.no_perf = true;
  context = llama_init_from_model(model, options);
  if (!context) fail("no context of %s symbols", arguments[4]);
  memory = llama_get_memory(context);
  vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model));
  printf("ready llama.cpp\n");
  fflush(stdout);

  static char line[LONGEST_LINE];
  while (fgets(line, sizeof line, stdin)) {
    int a, b;
    if (sscanf(line, "prefill %d", &a) == 1) answer_prefill(a);
    else if (sscanf(line, "decode %d %d", &a, &b) == 2) answer_decode(a, b);
    else if (sscanf(line, "greedy %d %d", &a, &b) == 2) answer_greedy(a, b);
    else if (sscanf(line, "logits %d", &a) == 1) answer_logits(a);
    else if (strncmp(line, "score ", 6) == 0) answer_score(line + 6);
    else fail("a line that it does not know: %s", line);
    fflush(stdout);
  }
  return 0;
}
