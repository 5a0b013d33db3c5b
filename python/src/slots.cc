#include <pybind11/chrono.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "bindings.h"
#include "einet/shared_slot.h"

namespace einet::python {

namespace py = pybind11;

void bind_slots(py::module_& module) {
  py::class_<SlotOwner>(module, "SlotOwner", "The session that publishes into a shared slot.")
      .def_readonly("process", &SlotOwner::process, "Process ID; 0 = nothing was published yet.")
      .def_readonly("start_time", &SlotOwner::start_time, "Of the process, in clock ticks since boot.")
      .def_readonly("epoch", &SlotOwner::epoch, "Counts the owners of the slot from 1.")
      .def_readonly("alive", &SlotOwner::alive, "Whether it can still publish.");
  py::class_<SharedSlot, std::shared_ptr<SharedSlot>>(
      module, "SharedSlot",
      "Answers in memory shared between processes, so that they outlive the process that computes them.")
      .def_static("create", &SharedSlot::create, py::arg("path"),
                  "Opens the slot at `path` for sessions and readers; creates an empty one if there is no file.")
      .def_static("create_anonymous", &SharedSlot::create_anonymous,
                  "A new slot without a path, to be passed on by its file descriptor.")
      .def_static(
          "attach",
          [](const std::filesystem::path& path) {
            return std::const_pointer_cast<SharedSlot>(SharedSlot::attach(path));
          },
          py::arg("path"), "Opens a slot for reading only.")
      .def_static(
          "attach_descriptor",
          [](int descriptor) { return std::const_pointer_cast<SharedSlot>(SharedSlot::attach(descriptor)); },
          py::arg("descriptor"), "The same for an open file descriptor, which is duplicated.")
      .def_static("reset", &SharedSlot::reset, py::arg("path"), "Empties the slot at `path`, even if it is damaged.")
      .def("read", &SharedSlot::read, "The last answer; takes no lock and makes no system call.")
      .def_property_readonly("owner", &SharedSlot::owner)
      .def_property_readonly("model", &SharedSlot::model,
                             "Model.digest of the owner's network; empty if there is none.")
      .def_property_readonly("descriptor", &SharedSlot::descriptor, "Valid for the lifetime of this object.");
  py::class_<StoredAnswer>(module, "StoredAnswer", "The content of a file written with Session(persist=…).")
      .def_readonly("answer", &StoredAnswer::answer)
      .def_readonly("written", &StoredAnswer::written, "Time of the write (datetime, local time).")
      .def_readonly("model", &StoredAnswer::model, "Model.digest; may be empty.");
  module.def("read_stored_answer", &read_stored_answer, py::arg("path"),
             "Reads an answer that survived a power cut or the end of its process.");
}

}  // namespace einet::python
