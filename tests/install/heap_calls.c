/* Counts the heap allocations of running sessions in a program that is linked like a user's:
 *
 *     heap_calls BUNDLE SESSIONS ROUNDS
 *
 * prints the number of calls of malloc() and its relatives, on any thread, while each session makes ROUNDS runs, the
 * number of these runs, and how many had an answer. */
#include <einet/einet_c.h>
#include <stdio.h>
#include <stdlib.h>

#include "malloc_calls.h"

static void check(einet_status status) {
  if (status == EINET_OK) return;
  fprintf(stderr, "heap_calls: %s\n", einet_last_error());
  exit(1);
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const int sessions = atoi(argv[2]), rounds = atoi(argv[3]);
  einet_model* model;
  check(einet_model_load(argv[1], NULL, &model));
  const size_t count = einet_model_input_size(model);
  float* image = malloc(count * sizeof *image);
  einet_session** session = malloc((size_t)sessions * sizeof *session);
  for (size_t i = 0; i < count; ++i) image[i] = (float)(i % 7) / 7.0f;
  for (int i = 0; i < sessions; ++i) check(einet_session_new(model, NULL, &session[i]));

  count_malloc_calls();
  free(malloc(1)); /* Shows that calls are counted. */
  int runs = 0, answers = 0;
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < sessions; ++i) check(einet_session_start(session[i], image, count, NULL, NULL));
    for (int i = 0; i < sessions; ++i) {
      einet_answer answer = EINET_ANSWER_INIT;
      check(einet_session_wait(session[i], &answer));
      ++runs;
      answers += answer.exit >= 0;
    }
  }
  printf("%ld calls counted in %d runs, %d with an answer\n", counted_malloc_calls() - 1, runs, answers);

  for (int i = 0; i < sessions; ++i) einet_session_free(session[i]);
  einet_model_free(model);
  free(session);
  free(image);
  return 0;
}
