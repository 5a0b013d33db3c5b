#pragma once

/// The C API (C99, also includable from C++). docs/c.md has a complete example.
///
/// Functions that can fail return a status; einet_last_error() returns the reason as one line. The others cannot fail;
/// for a NULL handle they do nothing and return 0, "" or NULL. Output parameters are written only on success.
///
/// Structs begin with their size, so that programs keep working with later versions of the library, which append
/// fields: initialise them with their EINET_…_INIT. Options beyond the caller's size have their defaults. EINET_USAGE
/// is returned for a size that no version of the struct has, and for a nonzero option that this version of the library
/// does not support. Fields of answers and owners that this version does not support are set to 0.
#include <stddef.h>
#include <stdint.h>

#include "einet/api.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum einet_status {
  EINET_OK = 0,
  EINET_USAGE = 1,         ///< An invalid request by the caller.
  EINET_NOT_FOUND = 2,     ///< The file, answer or name does not exist.
  EINET_INVALID_DATA = 3,  ///< A file or value is damaged, inconsistent, NaN or of the wrong shape.
  EINET_UNSUPPORTED = 4,   ///< Valid, but not supported by this build or processor.
  EINET_IO = 5,            ///< An operation of the operating system failed.
  EINET_INTERNAL = 6,      ///< A bug in EINet: please report it.
  EINET_OUT_OF_MEMORY = 7,
  EINET_UNKNOWN = 8  ///< An error from elsewhere, for example the C++ library.
} einet_status;

/// State of a run.
typedef enum einet_run_state {
  EINET_RUN_IDLE = 0,  ///< No run has been started.
  EINET_RUN_RUNNING = 1,
  EINET_RUN_FINISHED = 2,     ///< Executed its whole plan.
  EINET_RUN_INTERRUPTED = 3,  ///< Stopped by einet_session_interrupt(), its deadline, or the next start.
  EINET_RUN_FAILED = 4        ///< Could not compute an answer: einet_session_failure().
} einet_run_state;

/// Which answer a run publishes.
typedef enum einet_publish {
  EINET_PUBLISH_DEFAULT = 0,         ///< In run options: as the session; in session options: as the bundle.
  EINET_PUBLISH_LATEST = 1,          ///< The last exit executed.
  EINET_PUBLISH_MOST_CONFIDENT = 2,  ///< The most confident so far.
  EINET_PUBLISH_COMBINED = 3  ///< A weighted sum over all executed exits; needs a bundle with combination weights.
} einet_publish;

/// What stands for the answer of a run until its first exit has answered: an answer with exit -1 and a label.
typedef enum einet_initial {
  EINET_INITIAL_NONE = 0,      ///< Nothing: label -1.
  EINET_INITIAL_FREQUENT = 1,  ///< The most frequent class of the bundle's held-out samples.
  EINET_INITIAL_PREVIOUS = 2   ///< The last answer of the session's earlier runs.
} einet_initial;

typedef enum einet_precision { EINET_PRECISION_FLOAT32 = 0, EINET_PRECISION_BFLOAT16 = 1 } einet_precision;

typedef enum einet_scheduling {
  EINET_SCHEDULING_INHERITED = 0,   ///< As the thread that creates the session.
  EINET_SCHEDULING_NORMAL = 1,      ///< SCHED_OTHER
  EINET_SCHEDULING_FIFO = 2,        ///< SCHED_FIFO
  EINET_SCHEDULING_ROUND_ROBIN = 3  ///< SCHED_RR
} einet_scheduling;

/// No known deadline (einet_run_options::deadline_ns).
#define EINET_DEADLINE_NONE INT64_MAX

/// In place of a run number: the current run, or the last one.
#define EINET_ANY_RUN UINT64_C(0)

typedef struct einet_model einet_model;      ///< A bundle prepared for this machine: einet::Model.
typedef struct einet_session einet_session;  ///< Runs a model on its own threads: einet::Session.
typedef struct einet_slot einet_slot;        ///< Answers in shared memory: einet::SharedSlot.

/// A class and its probability.
typedef struct einet_guess {
  int32_t label;  ///< -1 = none.
  float confidence;
} einet_guess;

typedef struct einet_answer {
  uint32_t size;          ///< sizeof(einet_answer), set by the caller.
  int32_t label;          ///< -1 while there is no answer and no initial one.
  int32_t exit;           ///< From 0; -1 while there is no answer. Of a combined answer, the last exit.
  float confidence;       ///< Probability of the label.
  uint64_t sequence;      ///< Increases with every publication.
  uint64_t run;           ///< Number of its run, as returned by einet_session_start().
  uint64_t frame;         ///< einet_run_options::frame
  int64_t elapsed_ns;     ///< From the start of the run to the publication.
  int64_t time_ns;        ///< Of the publication, by CLOCK_MONOTONIC.
  einet_guess others[4];  ///< The next most likely classes; empty unless einet_session_options::top is above 1.
} einet_answer;

// clang-format off
#define EINET_ANSWER_INIT \
  {sizeof(einet_answer), -1, -1, 0.0f, 0, 0, 0, 0, 0, {{-1, 0.0f}, {-1, 0.0f}, {-1, 0.0f}, {-1, 0.0f}}}
// clang-format on

typedef struct einet_model_options {
  uint32_t size;             ///< sizeof(einet_model_options)
  int32_t threads;           ///< Threads per block. 1 by default.
  const char* distribution;  ///< Of the cut-off time, as in einet plan --distribution. NULL = "uniform".
  const char* planner;       ///< NULL = "exact".
  const char* cache;         ///< Directory for measured times; NULL = the user's cache directory, "" = none.
  int32_t precision;         ///< einet_precision
  int32_t decision_table;    ///< Whether runs may use a decision table. 1 by default.
  int32_t tune;              ///< Whether to choose the fastest implementations before measuring. 1 by default.
  int32_t measure;           ///< Whether to ignore bundle and cache and measure the times now. 0 by default.
} einet_model_options;

#define EINET_MODEL_OPTIONS_INIT \
  { sizeof(einet_model_options), 1, NULL, NULL, NULL, EINET_PRECISION_FLOAT32, 1, 1, 0 }

typedef struct einet_session_options {
  uint32_t size;        ///< sizeof(einet_session_options)
  int32_t publish;      ///< einet_publish
  einet_slot* slot;     ///< Also publishes here, for other processes; from einet_slot_create(). NULL = none.
  int32_t take_over;    ///< Whether to take the slot from a session that is still alive. 0 by default.
  int32_t top;          ///< Number of classes in an answer, 1 to 5. 1 by default.
  int32_t deadlines;    ///< Whether runs may have deadlines, which needs a thread. 1 by default.
  int32_t lock_memory;  ///< Locks the current pages of the process (mlockall). 0 by default.
  int32_t scheduling;   ///< einet_scheduling of the session's threads.
  int32_t priority;     ///< Of the worker, for FIFO and round robin; that of the timer is one higher. 1 by default.
  int64_t spin_ns;      ///< How long the worker polls for the next start before it sleeps. 0 by default.
  const int32_t* processors;  ///< On which the threads may run; NULL = as the thread that creates the session.
  uint64_t processor_count;   ///< Length of `processors`.
  const char* thread_name;    ///< Shown by tools such as top. NULL = "einet".
  int32_t initial;            ///< einet_initial, of einet_session_latest() with a run and einet_session_wait().
  int32_t reserved;           ///< 0
} einet_session_options;

// clang-format off
#define EINET_SESSION_OPTIONS_INIT \
  {sizeof(einet_session_options), EINET_PUBLISH_DEFAULT, NULL, 0, 1, 1, 0, EINET_SCHEDULING_INHERITED, 1, 0, NULL, 0, \
   NULL, EINET_INITIAL_NONE, 0}
// clang-format on

typedef struct einet_run_options {
  uint32_t size;        ///< sizeof(einet_run_options)
  int32_t publish;      ///< einet_publish
  int64_t deadline_ns;  ///< From the call of einet_session_start(); EINET_DEADLINE_NONE by default. 0 or less has
                        ///< already passed.
  uint64_t frame;       ///< Copied into the answers: for example, the number of a camera frame.
} einet_run_options;

#define EINET_RUN_OPTIONS_INIT \
  { sizeof(einet_run_options), EINET_PUBLISH_DEFAULT, EINET_DEADLINE_NONE, 0 }

/// The session that publishes into a slot.
typedef struct einet_owner {
  uint32_t size;        ///< sizeof(einet_owner), set by the caller.
  int32_t alive;        ///< Whether it can still publish.
  int64_t process;      ///< Process ID; 0 = nothing was published yet.
  uint64_t start_time;  ///< Of the process, in clock ticks since boot.
  uint64_t epoch;       ///< Counts the owners of the slot from 1.
  char model[72];       ///< einet_model_digest() of its model; "" while there is none.
} einet_owner;

#define EINET_OWNER_INIT \
  { sizeof(einet_owner), 0, 0, 0, 0, "" }

/// Version of the library, "major.minor.patch". Any thread.
EINET_API const char* einet_version(void);
/// The reason of this thread's last failure as one line, "what: why"; "" if there was none. Valid until the next
/// failure in this thread.
EINET_API const char* einet_last_error(void);

/// Loads, verifies and compiles a bundle and determines the block times for planning; if the bundle has none for this
/// machine, they are measured in a second or two. `options` may be NULL. Any thread.
EINET_API einet_status einet_model_load(const char* bundle, const einet_model_options* options, einet_model** model);
/// Sessions of the model remain valid. Like all _free() functions, not while another thread uses the handle.
EINET_API void einet_model_free(einet_model* model);
// Models are immutable: these may be called from any thread. Strings are valid until einet_model_free().
EINET_API int32_t einet_model_exits(const einet_model* model);
/// Values of an image: C*H*W.
EINET_API size_t einet_model_input_size(const einet_model* model);
/// T: the time of every conv part and branch.
EINET_API int64_t einet_model_horizon_ns(const einet_model* model);
/// Name of a class, or its number if the bundle has no labels; NULL if there is no such class.
EINET_API const char* einet_model_label(const einet_model* model, int32_t label);
/// SHA-256 of the network's file in hexadecimal digits.
EINET_API const char* einet_model_digest(const einet_model* model);
/// Note `index` for the user, one line each: for example, that times were not taken from the bundle or may be
/// inaccurate. NULL beyond the last.
EINET_API const char* einet_model_note(const einet_model* model, size_t index);

/// Starts the threads of a session. `options` may be NULL. Any thread.
EINET_API einet_status einet_session_new(const einet_model* model, const einet_session_options* options,
                                         einet_session** session);
/// Interrupts the run in progress and ends the threads.
EINET_API void einet_session_free(einet_session* session);
/// Begins a run on `image`: `count` pixels [C,H,W] in [0,1], copied before the function returns. A run in progress is
/// interrupted first. `options` and `run` may be NULL; `*run` receives the number of the run; numbers increase. On
/// failure nothing is started and a run in progress continues. One thread at a time; unless stated otherwise, the
/// functions below may be called from any thread at the same time.
EINET_API einet_status einet_session_start(einet_session* session, const float* image, size_t count,
                                           const einet_run_options* options, uint64_t* run);
/// Stops run `run` and all earlier ones, even if it has not begun yet; EINET_ANY_RUN stops the current run, or the one
/// that is being started. After the call has returned, the run publishes nothing. Async-signal-safe.
EINET_API void einet_session_interrupt(einet_session* session, uint64_t run);
/// The last answer of run `run`, or of any run; exit is -1 while there is none. An initial answer
/// (einet_session_options::initial) has a label nevertheless. Never waits.
EINET_API einet_status einet_session_latest(const einet_session* session, uint64_t run, einet_answer* answer);
/// Waits for the end of the run and returns its answer.
EINET_API einet_status einet_session_wait(einet_session* session, einet_answer* answer);
/// Waits for an answer newer than `sequence` or for the end of the run, and returns the last answer, which at the end
/// may not be newer.
EINET_API einet_status einet_session_wait_next(einet_session* session, uint64_t sequence, einet_answer* answer);
/// Number of answers of the last run so far. Not during einet_session_start().
EINET_API size_t einet_session_answers(const einet_session* session);
/// Answer `index` of the last run, in order; EINET_NOT_FOUND beyond the last. With EINET_PUBLISH_MOST_CONFIDENT,
/// answers that were not published have sequence 0. Not during einet_session_start().
EINET_API einet_status einet_session_answer(const einet_session* session, size_t index, einet_answer* answer);
EINET_API einet_run_state einet_session_state(const einet_session* session);
/// Number of the last run started; 0 = none.
EINET_API uint64_t einet_session_run(const einet_session* session);
/// Why the last run failed; "" if it did not. Only while no run is in progress.
EINET_API const char* einet_session_failure(const einet_session* session);
/// 1 if another session has taken over the slot: answers of this one no longer appear there.
EINET_API int32_t einet_session_lost_slot(const einet_session* session);

/// Opens the slot at `path` for sessions and readers; creates an empty one if there is no file. Any thread.
EINET_API einet_status einet_slot_create(const char* path, einet_slot** slot);
/// Opens a slot for reading only. Any thread.
EINET_API einet_status einet_slot_attach(const char* path, einet_slot** slot);
/// The last answer; exit is -1 while there is none. Never waits, makes no system call. Any thread.
EINET_API einet_status einet_slot_read(const einet_slot* slot, einet_answer* answer);
/// Any thread.
EINET_API einet_status einet_slot_owner(const einet_slot* slot, einet_owner* owner);
/// A session that publishes into the slot is not affected.
EINET_API void einet_slot_free(einet_slot* slot);

#ifdef __cplusplus
}
#endif
