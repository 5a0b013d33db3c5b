/* The example of docs/c.md: an elastic run with a deadline, in C99. */
#include <einet/einet_c.h>
#include <stdio.h>
#include <stdlib.h>

static void check(einet_status status) {
  if (status == EINET_OK) return;
  fprintf(stderr, "hello: %s\n", einet_last_error());
  exit(1);
}

int main(int argc, char** argv) {
  einet_model* model;
  check(einet_model_load(argc > 1 ? argv[1] : "bundles/fashion-mnist-msdnet-elastic.einet", NULL, &model));
  einet_session* session;
  check(einet_session_new(model, NULL, &session));

  const size_t count = einet_model_input_size(model);
  float* image = malloc(count * sizeof *image); /* [C,H,W], pixels in [0,1] */
  if (image == NULL) return 1;
  for (size_t i = 0; i < count; ++i) image[i] = 0.5f;

  einet_run_options options = EINET_RUN_OPTIONS_INIT;
  options.deadline_ns = einet_model_horizon_ns(model) / 2;
  check(einet_session_start(session, image, count, &options, NULL)); /* returns at once, runs on its own thread */

  einet_answer answer = EINET_ANSWER_INIT;
  check(einet_session_wait(session, &answer)); /* until the deadline or the end of the plan */
  if (answer.exit >= 0) {
    printf("%s (%.0f %%) from exit %d\n", einet_model_label(model, answer.label), 100 * answer.confidence,
           (int)answer.exit + 1);
  } else {
    puts("no answer yet");
  }
  free(image);
  einet_session_free(session);
  einet_model_free(model);
  return 0;
}
