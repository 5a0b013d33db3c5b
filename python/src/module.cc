#include "bindings.h"

PYBIND11_MODULE(_einet, module) {
  module.doc() = "Elastic inference: networks that have the best possible answer ready whenever they are cut off.";
  module.attr("__version__") = EINET_VERSION;
  einet::python::bind_errors(module);  // First: what follows throws them.
  einet::python::bind_answers(module);
  einet::python::bind_planning(module);
  einet::python::bind_model(module);
  einet::python::bind_slots(module);
  einet::python::bind_session(module);
  einet::python::bind_evaluation(module);
  einet::python::bind_insertion(module);
  einet::python::bind_profiling(module);
  einet::python::bind_exit_choice(module);
  einet::python::bind_reproduction(module);
}
