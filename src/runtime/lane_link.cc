#include "runtime/lane_link.h"

#include "einet/time.h"
#include "runtime/thread.h"

namespace einet {
namespace {

/// How long a lane polls for the other one. Longer than most blocks, shorter than a time slice of the scheduler.
constexpr Seconds kSpin{1e-3};
constexpr int kPollsPerLook = 64;  ///< At the clock.

}  // namespace

LaneLink::LaneLink(int exits, bool spins)
    : spins_(spins), passes_(static_cast<std::size_t>(exits)), plans_(static_cast<std::size_t>(exits)) {}

void LaneLink::open() noexcept {
  last_handed_ = -1;
  answers_known_ = 0;
  passed_.store(0, std::memory_order_relaxed);
  answered_.store(0, std::memory_order_relaxed);
  posted_.store(-1, std::memory_order_relaxed);
  phase_.store(kOpen, std::memory_order_release);
}

void LaneLink::begin(const plan::ExitPlan& plan) noexcept { first_ = plan; }

void LaneLink::pass(int exit, bool planned, double seconds) noexcept {
  passes_[static_cast<std::size_t>(exit)] = {seconds, planned};
  if (planned) last_handed_ = exit;
  store_and_notify(passed_, static_cast<std::uint32_t>(exit) + 1);
}

const plan::ExitPlan& LaneLink::plan() noexcept {
  // First the answers: a plan that comes with an answer that is not counted here wakes await_plan().
  answers_known_ = answered_.load(std::memory_order_acquire);
  return newest_plan();
}

bool LaneLink::await_plan() noexcept {
  const bool outstanding = last_handed_ >= 0 && (answers_known_ & ~kEnd) <= static_cast<std::uint32_t>(last_handed_);
  if (!outstanding || (answers_known_ & kEnd) != 0) return false;
  answers_known_ = await_change(answered_, answers_known_);
  return (answers_known_ & kEnd) == 0;
}

void LaneLink::close() noexcept {
  store_and_notify(passed_, passed_.load(std::memory_order_relaxed) | kEnd);
  std::uint32_t phase = kOpen;
  if (phase_.compare_exchange_strong(phase, kClosed, std::memory_order_acq_rel, std::memory_order_acquire)) return;
  while (phase == kJoined) phase = await_change(phase_, kJoined);
}

bool LaneLink::join() noexcept {
  std::uint32_t phase = kOpen;
  return phase_.compare_exchange_strong(phase, kJoined, std::memory_order_acq_rel, std::memory_order_relaxed);
}

bool LaneLink::await_pass(int exit) noexcept {
  for (std::uint32_t passed = passed_.load(std::memory_order_acquire);;) {
    if ((passed & kEnd) != 0) return false;
    if (passed > static_cast<std::uint32_t>(exit)) return true;
    passed = await_change(passed_, passed);
  }
}

plan::Ahead LaneLink::ahead(int exit) const noexcept {
  const int passed = static_cast<int>(passed_.load(std::memory_order_acquire) & ~kEnd);
  plan::Ahead ahead{.exit = passed - 1,
                    .elapsed = passes_[static_cast<std::size_t>(passed) - 1].seconds,
                    .pending = plan::ExitPlan(static_cast<int>(passes_.size()))};
  for (int later = exit + 1; later < passed; ++later) {
    if (planned(later)) ahead.pending.insert(later);
  }
  return ahead;
}

const plan::ExitPlan& LaneLink::newest_plan() const noexcept {
  const int posted = posted_.load(std::memory_order_acquire);
  return posted < 0 ? first_ : plans_[static_cast<std::size_t>(posted)];
}

void LaneLink::post(int exit, const plan::ExitPlan& plan) noexcept {
  plans_[static_cast<std::size_t>(exit)] = plan;
  posted_.store(exit, std::memory_order_release);
}

void LaneLink::answered(int exit, bool whole) noexcept {
  store_and_notify(answered_, (static_cast<std::uint32_t>(exit) + 1) | (whole ? 0 : kEnd));
}

void LaneLink::leave() noexcept { store_and_notify(phase_, kClosed); }

/// Returns a value other than `seen`.
std::uint32_t LaneLink::await_change(const std::atomic<std::uint32_t>& counter, std::uint32_t seen) const noexcept {
  if (spins_) {
    const auto until = Clock::now() + kSpin;
    do {
      for (int k = 0; k < kPollsPerLook; ++k) {
        if (const std::uint32_t now = counter.load(std::memory_order_acquire); now != seen) return now;
        relax();
      }
    } while (Clock::now() < until);
  }
  for (;;) {
    if (const std::uint32_t now = counter.load(std::memory_order_acquire); now != seen) return now;
    counter.wait(seen, std::memory_order_acquire);
  }
}

}  // namespace einet
