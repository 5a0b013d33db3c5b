// The syntax of distributions on command lines: "name" or "name:arguments". One table entry per distribution.

#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/duration.h"
#include "core/nearest_name.h"
#include "einet/distribution.h"
#include "einet/error.h"
#include "plan/distributions/numbers.h"

namespace einet::plan {
namespace {

/// The text after the colon, and the horizon for scaling.
struct Arguments {
  std::string_view all;
  double horizon;

  std::vector<std::string_view> list() const {
    std::vector<std::string_view> items;
    std::string_view rest = all;
    for (std::size_t comma = 0; comma != std::string_view::npos;) {
      comma = rest.find(',');
      items.push_back(rest.substr(0, comma));
      if (comma != std::string_view::npos) rest.remove_prefix(comma + 1);
    }
    return items;
  }
};

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw Error(ErrorKind::kUsage, "'" + std::string(text.substr(0, 60)) + "'", why);
}

double number(std::string_view text) {
  double value = 0.0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || !std::isfinite(value)) refuse(text, "is not a finite number");
  if (end != text.data() + text.size()) refuse(text, "is not a number");
  return value;
}

/// Seconds.
double time(std::string_view text, double horizon) { return parse_time(text).with_horizon(horizon).count(); }

/// In units of the horizon: a bare number, which may be negative, or a time.
double share_of_horizon(std::string_view text, double horizon) {
  const bool bare = !text.empty() && text.find_first_not_of("0123456789.+-eE") == std::string_view::npos;
  return bare ? number(text) : time(text, horizon) / horizon;
}

using Distribution = std::shared_ptr<const ExitTimeDistribution>;

Distribution parse_uniform(const Arguments& arguments) {
  if (!arguments.all.empty()) refuse(arguments.all, "uniform takes no arguments");
  return uniform_distribution(arguments.horizon);
}

Distribution parse_gaussian(const Arguments& arguments) {
  const std::vector<std::string_view> items = arguments.list();
  if (items.size() != 2) refuse(arguments.all, "is not a mean and a sigma, as in 0.5,1");
  const double mu = share_of_horizon(items[0], arguments.horizon);
  return gaussian_distribution(mu, share_of_horizon(items[1], arguments.horizon), arguments.horizon);
}

Distribution parse_deadline(const Arguments& arguments) {
  return deadline_distribution(time(arguments.all, arguments.horizon));
}

Distribution parse_exponential(const Arguments& arguments) {
  return exponential_distribution(time(arguments.all, arguments.horizon));
}

Distribution parse_histogram(const Arguments& arguments) {
  std::vector<double> weights;
  for (const std::string_view item : arguments.list()) weights.push_back(number(item));
  return histogram_distribution(weights, arguments.horizon);
}

Distribution parse_observed(const Arguments& arguments) {
  std::vector<double> cut_offs;
  for (const std::string_view item : arguments.list()) cut_offs.push_back(time(item, arguments.horizon));
  return empirical_distribution(cut_offs);
}

Distribution parse_csv(const Arguments& arguments) {
  if (arguments.all.empty()) refuse("csv", "needs the name of a file, as in csv:cutoffs.csv");
  return empirical_distribution(read_cut_offs(arguments.all), "csv:" + std::string(arguments.all));
}

/// "uniform until 3ms" -> "uniform", "3ms"; without " until " the second is empty. Splits at the last one, because the
/// name of a file may contain another.
std::pair<std::string_view, std::string_view> split_deadline(std::string_view text) {
  constexpr std::string_view kUntil = " until ";
  const std::size_t at = text.rfind(kUntil);
  if (at == std::string_view::npos) return {text, {}};
  const std::string_view deadline = text.substr(at + kUntil.size());
  if (deadline.empty()) refuse(text, "has no time after 'until'");
  return {text.substr(0, at), deadline};
}

struct Form {
  const char* name;
  const char* form;
  Distribution (*parse)(const Arguments&);
};

constexpr Form kForms[] = {
    {"uniform", "uniform", parse_uniform},
    {"gaussian", "gaussian:MU,SIGMA", parse_gaussian},
    {"deadline", "deadline:TIME", parse_deadline},
    {"exponential", "exponential:TIME", parse_exponential},
    {"histogram", "histogram:W1,W2,…", parse_histogram},
    {"observed", "observed:TIME,TIME,…", parse_observed},
    {"csv", "csv:FILE", parse_csv},
};

}  // namespace

std::shared_ptr<const ExitTimeDistribution> parse_distribution(std::string_view text, double horizon) {
  require_positive(horizon, "distribution", "the horizon");
  const auto [form_text, deadline] = split_deadline(text);
  const std::size_t colon = form_text.find(':');
  const std::string_view name = form_text.substr(0, colon);
  const std::string_view arguments = colon == std::string_view::npos ? std::string_view() : form_text.substr(colon + 1);
  const std::string what = "distribution '" + std::string(text.substr(0, 80)) + "'";

  std::vector<std::string> names;
  for (const Form& form : kForms) {
    names.emplace_back(form.name);
    if (name != form.name) continue;
    try {
      const Distribution parsed = form.parse({arguments, horizon});
      return deadline.empty() ? parsed : with_deadline(parsed, time(deadline, horizon));
    } catch (const Error& error) {
      // The error is in the argument, except for errors in a file.
      if (name == "csv" && error.kind() != ErrorKind::kUsage) throw;
      throw Error(ErrorKind::kUsage, what, error.what());
    }
  }
  const std::string nearest = nearest_name(name.substr(0, 80), names);
  throw Error(ErrorKind::kUsage, what,
              nearest.empty() ? "there is no such distribution" : "unknown; did you mean '" + nearest + "'?");
}

const std::vector<std::string>& distribution_forms() {
  static const std::vector<std::string> forms = [] {
    std::vector<std::string> all;
    for (const Form& form : kForms) all.emplace_back(form.form);
    return all;
  }();
  return forms;
}

}  // namespace einet::plan
