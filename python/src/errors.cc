#include "bindings.h"
#include "einet/error.h"

namespace einet::python {

namespace py = pybind11;

void bind_errors(py::module_& module) {
  py::enum_<ErrorKind>(module, "ErrorKind",
                       "Category of an error, as far as callers need it to decide what to do next.")
      .value("USAGE", ErrorKind::kUsage, "An invalid request by the caller.")
      .value("NOT_FOUND", ErrorKind::kNotFound, "The file, dataset, exit or name does not exist.")
      .value("INVALID_DATA", ErrorKind::kInvalidData,
             "A file or value is truncated, inconsistent, NaN or of the wrong type or shape.")
      .value("UNSUPPORTED", ErrorKind::kUnsupported, "Valid, but not supported by this build.")
      .value("IO", ErrorKind::kIo, "An operation of the operating system failed.")
      .value("INTERNAL", ErrorKind::kInternal, "A bug in EINet: please report it.");
  // Never freed: it may be raised until the interpreter ends.
  static PyObject* const type =
      PyErr_NewExceptionWithDoc("einet.Error", "Raised by EINet. `kind` is its ErrorKind; the text is '<what>: <why>'.",
                                PyExc_RuntimeError, nullptr);
  module.attr("Error") = py::handle(type);
  py::register_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer) std::rethrow_exception(pointer);
    } catch (const Error& error) {
      py::object raised = py::handle(type)(error.what());
      raised.attr("kind") = error.kind();
      PyErr_SetObject(type, raised.ptr());
    }
  });
}

}  // namespace einet::python
