// The first run of a new process against its later runs. Each process loads the bundle, makes a session and starts a
// run on the last processor; its later runs follow at once, as frames of a camera would.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <thread>

#include "einet/error.h"
#include "einet/session.h"
#include "eval/answer_benchmark.h"
#include "io/child_process.h"
#include "runtime/long/long.h"

namespace einet::testing {
namespace {

constexpr int kLater = 200;

/// Seconds that the worker computes in a run on one image, and the page faults of the process meanwhile.
struct Run {
  double seconds;
  std::int64_t page_faults;
};

std::int64_t page_faults() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt + usage.ru_majflt;
}

Run timed(Session& session, const std::vector<float>& image) {
  const std::int64_t before = page_faults();
  session.start(image);
  session.wait();
  const auto trace = session.trace();
  if (trace.empty()) throw Error(ErrorKind::kInternal, "run", "executed nothing");
  return {Seconds(trace.back().end - trace.front().begin).count(), page_faults() - before};
}

}  // namespace

int first_run_of_process(const std::string& bundle) {
  const auto model = Model::load(bundle);
  Session session(model);
  const std::vector<float> image(model->input_size(), 0.5f);
  const Run first = timed(session, image);
  std::vector<double> later;
  for (int k = 0; k < kLater; ++k) later.push_back(timed(session, image).seconds);
  std::printf("%.9f %.9f %lld\n", first.seconds, eval::time_quantiles(later).median,
              static_cast<long long>(first.page_faults));
  return 0;
}

int first_runs(const std::string& bundle, int count) {
  std::vector<double> first, later, ratios;
  long long faults = 0;
  for (int k = 0; k < count; ++k) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw Error(ErrorKind::kIo, "pipe", "cannot be made");
    const pid_t child = io::start_child("/proc/self/exe", {"runtime_long", "--first-run", bundle}, {.output = ends[1]});
    ::close(ends[1]);
    std::FILE* const lines = ::fdopen(ends[0], "r");
    double of_first = 0.0, of_later = 0.0;
    long long page_faults = 0;
    const bool read = std::fscanf(lines, "%lf %lf %lld", &of_first, &of_later, &page_faults) == 3;
    std::fclose(lines);
    if (!io::succeeded(io::wait_for_child(child)) || !read) {
      throw Error(ErrorKind::kInternal, "first run", "the process failed");
    }
    first.push_back(of_first);
    later.push_back(of_later);
    ratios.push_back(of_first / of_later);
    faults += page_faults;
  }
  std::printf("first runs: %s, %.1f page faults on average\n", in_microseconds(first).c_str(),
              static_cast<double>(faults) / count);
  std::printf("later runs (medians of %d): %s\n", kLater, in_microseconds(later).c_str());
  const eval::TimeQuantiles ratio = eval::time_quantiles(ratios);
  std::printf("ratio: median %.3f, most %.3f\n", ratio.median, ratio.most);
  return 0;
}

}  // namespace einet::testing
