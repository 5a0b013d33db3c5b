#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "bindings.h"
#include "einet/error.h"
#include "einet/planner.h"
#include "plot/timeline.h"

namespace einet::python {

namespace py = pybind11;

namespace {

using Numbers = std::vector<double>;

/// A plan with what is needed to draw it.
struct DrawnPlan {
  plan::Planned planned;
  plan::BlockTimes times;
  Numbers scores;
  std::shared_ptr<const plan::ExitTimeDistribution> distribution;

  std::string svg() const {
    plot::TimelineOptions options;
    options.distribution = distribution.get();
    options.expectation = planned.expectation;
    return plot::timeline_svg(times, planned.plan, scores, options);
  }
};

std::vector<int> members(const plan::ExitPlan& plan) {
  std::vector<int> exits;
  for (int exit = plan.next(-1); exit < plan.exits(); exit = plan.next(exit)) exits.push_back(exit);
  return exits;
}

std::shared_ptr<const plan::ExitTimeDistribution> distribution_of(const std::string& text,
                                                                  const plan::BlockTimes& times,
                                                                  const std::optional<double>& horizon) {
  return plan::parse_distribution(text, horizon.value_or(times.total()));
}

void check_scores(const plan::BlockTimes& times, const Numbers& scores) {
  times.validate();
  if (static_cast<int>(scores.size()) != times.exits()) {
    throw Error(ErrorKind::kInvalidData, "scores",
                std::to_string(scores.size()) + " scores for " + std::to_string(times.exits()) + " exits");
  }
  for (const double score : scores) {
    if (!(score >= 0.0 && score <= 1.0)) {
      throw Error(ErrorKind::kInvalidData, "scores", std::to_string(score) + " is not a probability");
    }
  }
}

DrawnPlan make_plan(const plan::BlockTimes& times, Numbers scores, const std::string& distribution,
                    const std::string& planner, const std::optional<double>& horizon,
                    const std::optional<double>& deadline) {
  check_scores(times, scores);
  DrawnPlan drawn{{}, times, std::move(scores), distribution_of(distribution, times, horizon)};
  const auto made = plan::make_planner(planner, times, drawn.distribution);
  plan::Start start;
  if (deadline) start.deadline = *deadline;
  const py::gil_scoped_release released;
  drawn.planned = made->plan(drawn.scores, start);
  return drawn;
}

double expectation(const plan::BlockTimes& times, const Numbers& scores, const std::vector<int>& exits,
                   const std::string& distribution, const std::optional<double>& horizon) {
  check_scores(times, scores);
  plan::ExitPlan plan(times.exits());
  for (const int exit : exits) {
    if (exit < 0 || exit >= times.exits()) {
      throw Error(ErrorKind::kUsage, "exits",
                  std::to_string(exit) + " is not one of 0 to " + std::to_string(times.exits() - 1));
    }
    plan.insert(exit);
  }
  return plan::expectation(times, *distribution_of(distribution, times, horizon), scores, plan);
}

py::array_t<double> array_of(const Numbers& numbers) {
  return py::array_t<double>(static_cast<py::ssize_t>(numbers.size()), numbers.data());
}

}  // namespace

void bind_planning(py::module_& module) {
  py::class_<plan::BlockTimes>(module, "BlockTimes", "Block times of a network on a machine, in seconds.")
      .def(
          py::init([](Numbers conv, Numbers branch, Numbers planning, Numbers lane_conv, Numbers lane_busy,
                      Numbers lane_branch) {
            plan::BlockTimes times{std::move(conv),
                                   std::move(branch),
                                   std::move(planning),
                                   {std::move(lane_conv), std::move(lane_busy), std::move(lane_branch)}};
            times.validate();
            return times;
          }),
          py::arg("conv"), py::arg("branch"), py::arg("planning") = Numbers{}, py::kw_only(),
          py::arg("lane_conv") = Numbers{}, py::arg("lane_busy") = Numbers{}, py::arg("lane_branch") = Numbers{},
          "The three lists `lane_…` are the times of runs with a branch lane: conv parts while it is idle and while it "
          "is busy, and branches. Without them there is one lane.")
      .def_property_readonly(
          "conv", [](const plan::BlockTimes& t) { return array_of(t.conv); }, "One per exit.")
      .def_property_readonly(
          "branch", [](const plan::BlockTimes& t) { return array_of(t.branch); }, "One per exit.")
      .def_property_readonly(
          "planning", [](const plan::BlockTimes& t) { return array_of(t.planning); },
          "Re-planning after each exit; empty = none.")
      .def_property_readonly("exits", &plan::BlockTimes::exits)
      .def_property_readonly("lanes", &plan::BlockTimes::lanes, "1 or 2.")
      .def_property_readonly("total", &plan::BlockTimes::total, "Of all conv parts and branches.")
      .def("__repr__", [](const plan::BlockTimes& t) {
        return "<einet.BlockTimes: " + std::to_string(t.exits()) + " exits, " + std::to_string(t.total()) + " s>";
      });
  py::class_<DrawnPlan>(module, "Plan", "The exits to execute. Notebooks show it as a timeline.")
      .def_property_readonly(
          "exits", [](const DrawnPlan& p) { return members(p.planned.plan); }, "From 0, in order.")
      .def_property_readonly(
          "expectation", [](const DrawnPlan& p) { return p.planned.expectation; },
          "Probability that the answer at the cut-off is right.")
      .def_property_readonly(
          "upper_bound", [](const DrawnPlan& p) { return p.planned.upper_bound; }, "No plan has a higher expectation.")
      .def("svg", &DrawnPlan::svg, "A timeline as a standalone SVG.")
      .def("_repr_svg_", &DrawnPlan::svg)
      .def("__repr__", [](const DrawnPlan& p) {
        return "<einet.Plan: " + std::to_string(p.planned.plan.count()) + " of " +
               std::to_string(p.planned.plan.exits()) + " exits, expectation " + std::to_string(p.planned.expectation) +
               ">";
      });
  module.def("plan", &make_plan, py::arg("times"), py::arg("scores"), py::kw_only(),
             py::arg("distribution") = "uniform", py::arg("planner") = "exact", py::arg("horizon") = py::none(),
             py::arg("deadline") = py::none(),
             "The best plan for exits that are right with probabilities `scores`. `horizon` in seconds scales the "
             "distribution; default: the time of everything. `deadline`: known latest end in seconds.");
  module.def("expectation", &expectation, py::arg("times"), py::arg("scores"), py::arg("exits"), py::kw_only(),
             py::arg("distribution") = "uniform", py::arg("horizon") = py::none(),
             "Accuracy expectation of executing `exits` (equation 4 of the paper).");
  module.def("planner_names", &plan::planner_names);
  module.def("distribution_forms", &plan::distribution_forms);
}

}  // namespace einet::python
