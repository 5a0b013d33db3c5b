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

/// How a picture is resized. All but NEAREST average over the source pixels when shrinking.
typedef enum einet_interpolation {
  EINET_INTERPOLATION_NEAREST = 0,
  EINET_INTERPOLATION_BILINEAR = 1,
  EINET_INTERPOLATION_BICUBIC = 2
} einet_interpolation;

/// What was executed.
typedef enum einet_block_kind {
  EINET_BLOCK_CONV_PART = 0,
  EINET_BLOCK_BRANCH = 1,
  EINET_BLOCK_PLANNING = 2
} einet_block_kind;

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
typedef struct einet_session einet_session;  ///< Runs a model: einet::Session, or einet::Supervisor if supervised.
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
  int32_t branch_lane;       ///< Whether to prepare for sessions with a branch lane. 0 by default.
  int32_t reserved;          ///< 0
} einet_model_options;

#define EINET_MODEL_OPTIONS_INIT \
  { sizeof(einet_model_options), 1, NULL, NULL, NULL, EINET_PRECISION_FLOAT32, 1, 1, 0, 0, 0 }

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
  const char* persist;  ///< Writes the last answer to this file in the background, so that it survives a power cut:
                        ///< einet_stored_answer(). NULL = none.
  int64_t persist_every_ns;  ///< How often, at most. The file lags behind by this and one write. 5 ms by default.
  int32_t branch_lane;       ///< Whether branches run on a second thread; needs einet_model_options::branch_lane. 0 by
                             ///< default.
  int32_t branch_priority;   ///< Of that thread, for FIFO and round robin; 0 = `priority`.
  const int32_t* branch_processors;  ///< On which that thread may run; NULL = `processors`.
  uint64_t branch_processor_count;   ///< Length of `branch_processors`.
} einet_session_options;

// clang-format off
#define EINET_SESSION_OPTIONS_INIT \
  {sizeof(einet_session_options), EINET_PUBLISH_DEFAULT, NULL, 0, 1, 1, 0, EINET_SCHEDULING_INHERITED, 1, 0, NULL, 0, \
   NULL, EINET_INITIAL_NONE, 0, NULL, 5000000, 0, 0, NULL, 0}
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

/// The input of a model, and how a picture becomes such an input: torchvision's Resize, then CenterCrop. If both are 0,
/// the largest centred part with the aspect ratio of the input is resized to it. Sessions normalise the pixels.
typedef struct einet_input {
  uint32_t size;          ///< sizeof(einet_input), set by the caller.
  int32_t dimensions;     ///< Number of entries of `shape`, without the batch.
  int64_t shape[8];       ///< [C,H,W] for pictures.
  int32_t resize[2];      ///< Height and width; {n,0} = the shorter side, keeping the aspect ratio; {0,0} = none.
  int32_t crop[2];        ///< Height and width, padded with black if the picture is smaller; {0,0} = none.
  int32_t interpolation;  ///< einet_interpolation of `resize`.
  int32_t reserved;       ///< 0
} einet_input;

#define EINET_INPUT_INIT \
  { sizeof(einet_input), 0, {0, 0, 0, 0, 0, 0, 0, 0}, {0, 0}, {0, 0}, 0, 0 }

/// One executed block of a run.
typedef struct einet_event {
  uint32_t size;     ///< sizeof(einet_event), set by the caller.
  int32_t kind;      ///< einet_block_kind
  int32_t exit;      ///< From 0.
  int32_t reserved;  ///< 0
  int64_t begin_ns;  ///< From the start of the run.
  int64_t end_ns;
} einet_event;

#define EINET_EVENT_INIT \
  { sizeof(einet_event), 0, -1, 0, 0, 0 }

typedef struct einet_supervisor_options {
  uint32_t size;                  ///< sizeof(einet_supervisor_options)
  int32_t take_over;              ///< As einet_session_options::take_over.
  einet_slot* slot;               ///< As einet_session_options::slot.
  const char* persist;            ///< As einet_session_options::persist; written by this process.
  int64_t persist_every_ns;       ///< 5 ms by default.
  int64_t unresponsive_after_ns;  ///< A worker that gives no sign of life for this long is replaced. 1 s by default.
  int64_t load_limit_ns;          ///< How long a worker may take to load its model. 600 s by default.
} einet_supervisor_options;

// clang-format off
#define EINET_SUPERVISOR_OPTIONS_INIT \
  {sizeof(einet_supervisor_options), 0, NULL, NULL, 5000000, 1000000000, INT64_C(600000000000)}
// clang-format on

/// The worker of a supervised session.
typedef struct einet_worker {
  uint32_t size;        ///< sizeof(einet_worker), set by the caller.
  int32_t exits;        ///< Of its model, as the next three.
  uint64_t input_size;  ///< C*H*W
  int64_t horizon_ns;   ///< einet_model_horizon_ns()
  char model[72];       ///< einet_model_digest()
  int64_t process;      ///< Process ID; 0 while there is none.
  // The last worker that ended.
  int64_t end_time_ns;    ///< By CLOCK_MONOTONIC; 0 = none has ended.
  int32_t exit_status;    ///< -1 if a signal killed it, or if its status is unknown.
  int32_t signal;         ///< 0 if it exited.
  int32_t out_of_memory;  ///< 1 if the kernel killed it because memory had run out.
  int32_t unresponsive;   ///< 1 if the supervisor killed it.
  char reason[256];       ///< What happened to it, as "was killed by SIGSEGV".
} einet_worker;

// clang-format off
#define EINET_WORKER_INIT \
  {sizeof(einet_worker), 0, 0, 0, "", 0, 0, -1, 0, 0, 0, ""}
// clang-format on

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
/// Shape and preprocessing of the input.
EINET_API einet_status einet_model_input(const einet_model* model, einet_input* input);
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
/// Starts a session in a worker process, so that a crash, a hang or the kernel's out-of-memory killer ends that process
/// and not this one; it is then replaced, and the last answer stays (docs/runtime.md, "Isolation"). `command`: the
/// program of the worker, found as by a shell, its arguments, and NULL; for example "einet", "worker", "net.einet",
/// NULL, or any program that calls einet_run_worker(). Returns when the worker has loaded its model. `options` may be
/// NULL. Any thread.
///
/// The functions of sessions take such a session too, with these differences: they take a lock, so
/// einet_session_interrupt() is not async-signal-safe, and answers and events of a run are not recorded.
EINET_API einet_status einet_session_supervise(const char* const* command, const einet_supervisor_options* options,
                                               einet_session** session);
/// The main part of a worker: loads the bundle and runs what the supervisor asks for, until that ends; then return from
/// main(). Standard input must be the supervisor's, so EINET_USAGE if no supervisor started this process. The session's
/// options have no slot and no file: those are the supervisor's. The options may be NULL.
EINET_API einet_status einet_run_worker(const char* bundle, const einet_model_options* model_options,
                                        const einet_session_options* session_options);
/// State of the worker process. EINET_USAGE if the session is not supervised.
EINET_API einet_status einet_session_worker(const einet_session* session, einet_worker* worker);
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
/// Block `index` that the last run executed, in order; EINET_NOT_FOUND beyond the last, EINET_USAGE during a run.
EINET_API einet_status einet_session_event(const einet_session* session, size_t index, einet_event* event);
EINET_API einet_run_state einet_session_state(const einet_session* session);
/// Number of the last run started; 0 = none.
EINET_API uint64_t einet_session_run(const einet_session* session);
/// Why the last run failed; "" if it did not. Only while no run is in progress. Valid until this thread's next call.
EINET_API const char* einet_session_failure(const einet_session* session);
/// Why einet_session_options::persist could not be written; "" if it could. Valid until this thread's next call.
EINET_API const char* einet_session_persist_failure(const einet_session* session);
/// 1 if another session has taken over the slot: answers of this one no longer appear there.
EINET_API int32_t einet_session_lost_slot(const einet_session* session);

/// Opens the slot at `path` for sessions and readers; creates an empty one if there is no file. Any thread.
EINET_API einet_status einet_slot_create(const char* path, einet_slot** slot);
/// A new slot without a path, to be passed on by its file descriptor. Any thread.
EINET_API einet_status einet_slot_create_anonymous(einet_slot** slot);
/// Opens a slot for reading only. Any thread.
EINET_API einet_status einet_slot_attach(const char* path, einet_slot** slot);
/// The same for an open file descriptor, which is duplicated. Any thread.
EINET_API einet_status einet_slot_attach_descriptor(int32_t descriptor, einet_slot** slot);
/// The file descriptor, valid until einet_slot_free() and closed by exec; -1 for a NULL handle. Any thread.
EINET_API int32_t einet_slot_descriptor(const einet_slot* slot);
/// The last answer; exit is -1 while there is none. Never waits, makes no system call. Any thread.
EINET_API einet_status einet_slot_read(const einet_slot* slot, einet_answer* answer);
/// Any thread.
EINET_API einet_status einet_slot_owner(const einet_slot* slot, einet_owner* owner);
/// A session that publishes into the slot is not affected.
EINET_API void einet_slot_free(einet_slot* slot);

/// Reads a file written by einet_session_options::persist: exit is -1 if none was written yet. `*written_ns`, which may
/// be NULL, receives the wall-clock time of the write, since 1970. Any thread.
EINET_API einet_status einet_stored_answer(const char* path, einet_answer* answer, int64_t* written_ns);

#ifdef __cplusplus
}
#endif
