// Kills writers and cuts off runs very often, and prints the results; too long for the regular tests. The exit status
// is 1 if an answer was lost, torn, older than one read before, or published too late.
//
//     runtime_stress BUNDLE [KILLS [CUT_OFFS]]

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "einet/einet.h"
#include "eval/answer_benchmark.h"
#include "runtime/numbered_answer.h"
#include "runtime/shared_memory.h"

namespace einet {
namespace {

using testing::is_whole;
using testing::numbered;

int faults = 0;

void spin(std::chrono::nanoseconds time) {
  for (const auto until = Clock::now() + time; Clock::now() < until;) {
  }
}

/// Repeatedly starts `child` and kills it at a random moment after its first answer.
void kill_often(const char* what, const SharedSlot& slot, int kills, std::chrono::nanoseconds latest,
                const std::function<bool(const Answer&)>& genuine, const std::function<void()>& child) {
  std::mt19937_64 random(1);
  std::uint64_t last = 0;
  int lost = 0, torn = 0, backward = 0;
  for (int k = 0; k < kills; ++k) {
    const pid_t process = ::fork();
    if (process == 0) {
      child();
      ::_exit(1);
    }
    while (slot.read().sequence < last + 2) {
      if (::waitpid(process, nullptr, WNOHANG) != 0) std::abort();  // It ended by itself.
    }
    spin(std::chrono::nanoseconds(random() % static_cast<std::uint64_t>(latest.count())));
    const Answer before = slot.read();
    ::kill(process, SIGKILL);
    ::waitpid(process, nullptr, 0);
    const Answer after = slot.read();
    lost += !after.exists();
    torn += after.exists() && !genuine(after);
    backward += after.sequence < before.sequence || before.sequence < last;
    last = after.sequence;
  }
  std::printf("%-28s %6d kills: %d lost, %d torn, %d backward\n", what, kills, lost, torn, backward);
  faults += lost + torn + backward;
}

void kill_writers(const char* what, const std::shared_ptr<SharedSlot>& slot, int kills) {
  const std::string path = "/proc/self/fd/" + std::to_string(slot->descriptor());
  kill_often(what, *slot, kills, std::chrono::microseconds(200), is_whole, [&] {
    SharedWriter writer(SharedSlot::create(path), "", false);
    for (std::uint64_t k = 1;; ++k) writer.publish(numbered(k));
  });
}

void kill_sessions(const std::shared_ptr<const Model>& model, int kills) {
  const auto slot = SharedSlot::create_anonymous();
  const std::string path = "/proc/self/fd/" + std::to_string(slot->descriptor());
  const auto genuine = [&](const Answer& answer) {
    return answer.exit < model->exits() && answer.confidence > 0.0f && answer.frame == answer.run;
  };
  kill_often("sessions", *slot, kills, std::chrono::milliseconds(3), genuine, [&] {
    Session session(model, {.slot = SharedSlot::create(path)});
    const std::vector<float> image(model->input_size(), 0.5f);
    for (std::uint64_t run = slot->read().run + 1;; ++run) {
      session.start(image, {.frame = run});
      session.wait();
    }
  });
}

/// Interrupts and deadlines at random moments.
void cut_off_often(const std::shared_ptr<const Model>& model, int cut_offs) {
  const eval::CutOffTimes times = eval::measure_cut_offs(model, cut_offs);
  std::printf("%d cut-offs: %d answers changed after an interrupt, %d published after a deadline, %d of another run\n",
              cut_offs, times.changed, times.late, times.wrong_run);
  const auto print = [](const char* what, const eval::TimeQuantiles& each) {
    std::printf("%s to idle: median %.1f us, 99 %% %.1f us, longest %.1f us\n", what, 1e6 * each.median, 1e6 * each.p99,
                1e6 * each.most);
  };
  print("interrupt", times.interrupt_to_idle);
  print("deadline", times.deadline_to_idle);
  std::printf("longest primitive: %.1f us\n", 1e6 * times.longest_step);
  faults += times.faults();
}

int run(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: runtime_stress BUNDLE [KILLS [CUT_OFFS]]\n");
    return 2;
  }
  const int kills = argc > 2 ? std::atoi(argv[2]) : 10'000, cut_offs = argc > 3 ? std::atoi(argv[3]) : 100'000;
  const auto model = Model::load(argv[1]);
  kill_writers("writers, memfd", SharedSlot::create_anonymous(), kills);
  const std::string name = "/einet-stress-" + std::to_string(::getpid());
  for (const auto& [what, folder] :
       {std::pair<const char*, std::filesystem::path>{"writers, /dev/shm", "/dev/shm"},
        std::pair<const char*, std::filesystem::path>{"writers, file", std::filesystem::temp_directory_path()}}) {
    const std::string path = folder.string() + name;
    kill_writers(what, SharedSlot::create(path), kills);
    std::filesystem::remove(path);
  }
  kill_sessions(model, std::max(1, kills / 10));
  cut_off_often(model, cut_offs);
  return faults == 0 ? 0 : 1;
}

}  // namespace
}  // namespace einet

int main(int argc, char** argv) try { return einet::run(argc, argv); } catch (const einet::Error& error) {
  std::fprintf(stderr, "runtime_stress: %s\n", error.what());
  return 1;
}
