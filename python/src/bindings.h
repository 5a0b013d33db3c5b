#pragma once

#include <pybind11/pybind11.h>

// One function for each file of this folder: it adds its classes and functions to the module.
namespace einet::python {

void bind_errors(pybind11::module_& module);
void bind_answers(pybind11::module_& module);
void bind_model(pybind11::module_& module);
void bind_slots(pybind11::module_& module);
void bind_session(pybind11::module_& module);
void bind_planning(pybind11::module_& module);
void bind_evaluation(pybind11::module_& module);
void bind_insertion(pybind11::module_& module);
void bind_profiling(pybind11::module_& module);
void bind_exit_choice(pybind11::module_& module);
void bind_reproduction(pybind11::module_& module);

}  // namespace einet::python
