#include "einet/session.h"

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "arguments.h"
#include "bindings.h"
#include "einet/error.h"

namespace einet::python {

namespace py = pybind11;

namespace {

constexpr std::array<std::pair<std::string_view, Initial>, 3> kInitial = {
    {{"none", Initial::kNone}, {"frequent", Initial::kFrequent}, {"previous", Initial::kPrevious}}};
constexpr std::array<std::pair<std::string_view, Scheduling>, 4> kScheduling = {
    {{"inherited", Scheduling::kInherited},
     {"normal", Scheduling::kNormal},
     {"fifo", Scheduling::kFifo},
     {"round-robin", Scheduling::kRoundRobin}}};

std::optional<Publish> published(const std::optional<std::string>& name) {
  return name ? std::optional(choice("publish", *name, kPublish)) : std::nullopt;
}

/// A session, and the model for the shape of its images.
struct ModelSession {
  ModelSession(std::shared_ptr<const Model> shared, const SessionOptions& options)
      : model(shared), session(std::move(shared), options) {}

  std::shared_ptr<const Model> model;
  Session session;
};

std::uint64_t start(ModelSession& self, const py::object& image, const std::optional<double>& deadline,
                    const std::optional<std::string>& publish, std::uint64_t frame, std::uint64_t number) {
  py::array holder;
  const std::span<const float> given = pixels(image, self.model->input_shape(), holder);
  const RunOptions options{
      .deadline = seconds(deadline), .publish = published(publish), .frame = frame, .number = number};
  const py::gil_scoped_release released;  // A run in progress is interrupted first.
  return self.session.start(given, options);
}

Answer wait(ModelSession& self) {
  Answer answer;
  {
    const py::gil_scoped_release released;
    answer = self.session.wait();
  }
  if (self.session.state() == RunState::kFailed) throw Error(ErrorKind::kInternal, "run", self.session.failure());
  return answer;
}

const char* state(const ModelSession& self) {
  switch (self.session.state()) {
    case RunState::kIdle:
      return "idle";
    case RunState::kRunning:
      return "running";
    case RunState::kFinished:
      return "finished";
    case RunState::kInterrupted:
      return "interrupted";
    case RunState::kFailed:
      return "failed";
  }
  return "";
}

py::list trace(const ModelSession& self) {
  if (self.session.state() == RunState::kRunning) {
    throw Error(ErrorKind::kUsage, "trace()", "a run is in progress: call wait() or interrupt() and wait() first");
  }
  const auto name = [](plan::BlockKind kind) {
    return kind == plan::BlockKind::kConvPart ? "conv" : kind == plan::BlockKind::kBranch ? "branch" : "planning";
  };
  py::list list;
  for (const TraceEvent& event : self.session.trace()) {
    list.append(py::make_tuple(name(event.kind), event.exit, Seconds(event.begin).count(), Seconds(event.end).count()));
  }
  return list;
}

}  // namespace

void bind_session(py::module_& module) {
  py::class_<ModelSession>(
      module, "Session",
      "Elastic inference: runs a network on a worker thread; the best answer so far can be read at any time.")
      .def(py::init([](const std::shared_ptr<Model>& model, const std::optional<std::string>& publish,
                       const std::string& initial, const std::shared_ptr<SharedSlot>& slot, bool take_over,
                       const std::filesystem::path& persist, double persist_every, int top, bool deadlines,
                       bool branch_lane, double spin, const std::vector<int>& processors,
                       const std::vector<int>& branch_processors, const std::string& scheduling, int priority,
                       int branch_priority, bool lock_memory, const std::string& name) {
             const SessionOptions options{.publish = published(publish),
                                          .initial = choice("initial", initial, kInitial),
                                          .policy = {},
                                          .slot = slot,
                                          .take_over = take_over,
                                          .persist = persist,
                                          .persist_every = Seconds(persist_every),
                                          .top = top,
                                          .deadlines = deadlines,
                                          .branch_lane = branch_lane,
                                          .spin = Seconds(spin),
                                          .threads = {.processors = processors,
                                                      .scheduling = choice("scheduling", scheduling, kScheduling),
                                                      .priority = priority,
                                                      .lock_memory = lock_memory,
                                                      .branch_processors = branch_processors,
                                                      .branch_priority = branch_priority,
                                                      .name = name}};
             return std::make_unique<ModelSession>(model, options);
           }),
           py::arg("model").none(false), py::kw_only(), py::arg("publish") = py::none(), py::arg("initial") = "none",
           py::arg("slot") = py::none(), py::arg("take_over") = false, py::arg("persist") = "",
           py::arg("persist_every") = 0.005, py::arg("top") = 1, py::arg("deadlines") = true,
           py::arg("branch_lane") = false, py::arg("spin") = 0.0, py::arg("processors") = std::vector<int>{},
           py::arg("branch_processors") = std::vector<int>{}, py::arg("scheduling") = "inherited",
           py::arg("priority") = 1, py::arg("branch_priority") = 0, py::arg("lock_memory") = false,
           py::arg("name") = "einet")
      .def("start", &start, py::arg("image"), py::arg("deadline") = py::none(), py::kw_only(),
           py::arg("publish") = py::none(), py::arg("frame") = 0, py::arg("number") = 0,
           "Begins a run on `image`, a float32 array of the model's input shape with pixels in [0,1], and returns its "
           "number. The image is copied. `deadline` in seconds from now; a run in progress is interrupted.")
      .def(
          "latest",
          [](const ModelSession& self, const std::optional<std::uint64_t>& run) {
            return run ? self.session.latest(*run) : self.session.latest();
          },
          py::arg("run") = py::none(), "The last answer; with `run`, only one of this run.")
      .def(
          "interrupt",
          [](ModelSession& self, const std::optional<std::uint64_t>& run) {
            run ? self.session.interrupt(*run) : self.session.interrupt();
          },
          py::arg("run") = py::none(), "Stops the run; after this call it publishes nothing.")
      .def("wait", &wait, "Waits until the run is over and returns its answer. Raises Error if the run failed.")
      .def(
          "wait_next", [](ModelSession& self, std::uint64_t sequence) { return self.session.wait_next(sequence); },
          py::arg("sequence") = 0, py::call_guard<py::gil_scoped_release>(),
          "Waits for an answer newer than `sequence` or for the end of the run, and returns the last answer.")
      .def(
          "run",
          [](ModelSession& self, const py::object& image, const std::optional<double>& deadline,
             const std::optional<std::string>& publish, std::uint64_t frame) {
            start(self, image, deadline, publish, frame, 0);
            return wait(self);
          },
          py::arg("image"), py::arg("deadline") = py::none(), py::kw_only(), py::arg("publish") = py::none(),
          py::arg("frame") = 0, "start() and wait().")
      .def(
          "answers",
          [](const ModelSession& self) {
            const auto all = self.session.answers();
            return std::vector<Answer>(all.begin(), all.end());
          },
          "Every answer of the run so far, in order.")
      .def_property_readonly("state", &state, "'idle', 'running', 'finished', 'interrupted' or 'failed'.")
      .def_property_readonly(
          "failure",
          [](const ModelSession& self) {
            return self.session.state() == RunState::kRunning ? std::string() : std::string(self.session.failure());
          },
          "Why the last run failed; empty if it did not.")
      .def_property_readonly(
          "lost_slot", [](const ModelSession& self) { return self.session.lost_slot(); },
          "Whether another session has taken over the slot.")
      .def_property_readonly(
          "persist_failure", [](const ModelSession& self) { return self.session.persist_failure(); },
          "Why the answer could not be stored; empty if it could.")
      .def("trace", &trace, "The blocks of the last run as (kind, exit, begin, end), in seconds since its start.")
      .def_property_readonly("model",
                             [](const ModelSession& self) { return std::const_pointer_cast<Model>(self.model); });
}

}  // namespace einet::python
