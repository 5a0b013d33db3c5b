// The layout of the structs of the C API on 64-bit machines, on which compiled programs depend. New fields go to the
// end of a struct; existing lines must not change.
#include <stddef.h>

#include "einet/einet_c.h"

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), "size of " #type)
#define FIELD(type, field, offset) _Static_assert(offsetof(type, field) == (offset), "place of " #type "." #field)

SIZE(void*, 8);
SIZE(size_t, 8);
SIZE(einet_status, 4);
SIZE(einet_run_state, 4);

SIZE(einet_guess, 8);
FIELD(einet_guess, label, 0);
FIELD(einet_guess, confidence, 4);

SIZE(einet_answer, 88);
FIELD(einet_answer, size, 0);
FIELD(einet_answer, label, 4);
FIELD(einet_answer, exit, 8);
FIELD(einet_answer, confidence, 12);
FIELD(einet_answer, sequence, 16);
FIELD(einet_answer, run, 24);
FIELD(einet_answer, frame, 32);
FIELD(einet_answer, elapsed_ns, 40);
FIELD(einet_answer, time_ns, 48);
FIELD(einet_answer, others, 56);

SIZE(einet_model_options, 56);
FIELD(einet_model_options, size, 0);
FIELD(einet_model_options, threads, 4);
FIELD(einet_model_options, distribution, 8);
FIELD(einet_model_options, planner, 16);
FIELD(einet_model_options, cache, 24);
FIELD(einet_model_options, precision, 32);
FIELD(einet_model_options, decision_table, 36);
FIELD(einet_model_options, tune, 40);
FIELD(einet_model_options, measure, 44);
FIELD(einet_model_options, branch_lane, 48);
FIELD(einet_model_options, reserved, 52);

SIZE(einet_session_options, 120);
FIELD(einet_session_options, size, 0);
FIELD(einet_session_options, publish, 4);
FIELD(einet_session_options, slot, 8);
FIELD(einet_session_options, take_over, 16);
FIELD(einet_session_options, top, 20);
FIELD(einet_session_options, deadlines, 24);
FIELD(einet_session_options, lock_memory, 28);
FIELD(einet_session_options, scheduling, 32);
FIELD(einet_session_options, priority, 36);
FIELD(einet_session_options, spin_ns, 40);
FIELD(einet_session_options, processors, 48);
FIELD(einet_session_options, processor_count, 56);
FIELD(einet_session_options, thread_name, 64);
FIELD(einet_session_options, initial, 72);
FIELD(einet_session_options, reserved, 76);
FIELD(einet_session_options, persist, 80);
FIELD(einet_session_options, persist_every_ns, 88);
FIELD(einet_session_options, branch_lane, 96);
FIELD(einet_session_options, branch_priority, 100);
FIELD(einet_session_options, branch_processors, 104);
FIELD(einet_session_options, branch_processor_count, 112);

SIZE(einet_run_options, 24);
FIELD(einet_run_options, size, 0);
FIELD(einet_run_options, publish, 4);
FIELD(einet_run_options, deadline_ns, 8);
FIELD(einet_run_options, frame, 16);

SIZE(einet_input, 96);
FIELD(einet_input, size, 0);
FIELD(einet_input, dimensions, 4);
FIELD(einet_input, shape, 8);
FIELD(einet_input, resize, 72);
FIELD(einet_input, crop, 80);
FIELD(einet_input, interpolation, 88);
FIELD(einet_input, reserved, 92);

SIZE(einet_event, 32);
FIELD(einet_event, size, 0);
FIELD(einet_event, kind, 4);
FIELD(einet_event, exit, 8);
FIELD(einet_event, reserved, 12);
FIELD(einet_event, begin_ns, 16);
FIELD(einet_event, end_ns, 24);

SIZE(einet_supervisor_options, 48);
FIELD(einet_supervisor_options, size, 0);
FIELD(einet_supervisor_options, take_over, 4);
FIELD(einet_supervisor_options, slot, 8);
FIELD(einet_supervisor_options, persist, 16);
FIELD(einet_supervisor_options, persist_every_ns, 24);
FIELD(einet_supervisor_options, unresponsive_after_ns, 32);
FIELD(einet_supervisor_options, load_limit_ns, 40);

SIZE(einet_worker, 384);
FIELD(einet_worker, size, 0);
FIELD(einet_worker, exits, 4);
FIELD(einet_worker, input_size, 8);
FIELD(einet_worker, horizon_ns, 16);
FIELD(einet_worker, model, 24);
FIELD(einet_worker, process, 96);
FIELD(einet_worker, end_time_ns, 104);
FIELD(einet_worker, exit_status, 112);
FIELD(einet_worker, signal, 116);
FIELD(einet_worker, out_of_memory, 120);
FIELD(einet_worker, unresponsive, 124);
FIELD(einet_worker, reason, 128);

SIZE(einet_owner, 104);
FIELD(einet_owner, size, 0);
FIELD(einet_owner, alive, 4);
FIELD(einet_owner, process, 8);
FIELD(einet_owner, start_time, 16);
FIELD(einet_owner, epoch, 24);
FIELD(einet_owner, model, 32);

_Static_assert(EINET_OK == 0 && EINET_USAGE == 1 && EINET_NOT_FOUND == 2 && EINET_INVALID_DATA == 3 &&
                   EINET_UNSUPPORTED == 4 && EINET_IO == 5 && EINET_INTERNAL == 6 && EINET_OUT_OF_MEMORY == 7 &&
                   EINET_UNKNOWN == 8,
               "values of einet_status");
_Static_assert(EINET_RUN_IDLE == 0 && EINET_RUN_RUNNING == 1 && EINET_RUN_FINISHED == 2 && EINET_RUN_INTERRUPTED == 3 &&
                   EINET_RUN_FAILED == 4,
               "values of einet_run_state");
_Static_assert(EINET_PUBLISH_DEFAULT == 0 && EINET_PUBLISH_LATEST == 1 && EINET_PUBLISH_MOST_CONFIDENT == 2 &&
                   EINET_PUBLISH_COMBINED == 3,
               "values of einet_publish");
_Static_assert(EINET_INITIAL_NONE == 0 && EINET_INITIAL_FREQUENT == 1 && EINET_INITIAL_PREVIOUS == 2,
               "values of einet_initial");
_Static_assert(EINET_PRECISION_FLOAT32 == 0 && EINET_PRECISION_BFLOAT16 == 1, "values of einet_precision");
_Static_assert(EINET_INTERPOLATION_NEAREST == 0 && EINET_INTERPOLATION_BILINEAR == 1 &&
                   EINET_INTERPOLATION_BICUBIC == 2,
               "values of einet_interpolation");
_Static_assert(EINET_BLOCK_CONV_PART == 0 && EINET_BLOCK_BRANCH == 1 && EINET_BLOCK_PLANNING == 2,
               "values of einet_block_kind");
_Static_assert(EINET_SCHEDULING_INHERITED == 0 && EINET_SCHEDULING_NORMAL == 1 && EINET_SCHEDULING_FIFO == 2 &&
                   EINET_SCHEDULING_ROUND_ROBIN == 3,
               "values of einet_scheduling");
_Static_assert(EINET_DEADLINE_NONE == INT64_MAX && EINET_ANY_RUN == 0, "values of constants");
