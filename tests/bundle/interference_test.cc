// Bundles whose writers are killed, fail, or run concurrently with other writers and readers.

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "bundle/example.h"
#include "bundle/update.h"
#include "expect_error.h"
#include "io/faults.h"

namespace einet::bundle {
namespace {

namespace fs = std::filesystem;

class Interference : public BundleTest {
 protected:
  Interference() {
    small_.graph = with_rounded_weights(example_network());
    small_.confidences = example_bundle().confidences;
  }

  /// One of the two bundles that the tests save alternately.
  Bundle bundle(const std::string& dataset) const {
    Bundle bundle = small_;
    bundle.dataset = dataset;
    return bundle;
  }

  std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) names.insert(entry.path().filename());
    return names;
  }

  Bundle small_;
};

TEST_F(Interference, KilledWriterLeavesTheOldOrTheNewBundle) {
  std::set<std::string> seen;
  int n = 0;
  for (bool killed = true; killed; ++n) {
    ASSERT_LT(n, 1000);
    save_bundle(bundle("old"), path_);
    EXPECT_EQ(names(), std::set<std::string>{"tiny.einet"}) << "after a writer was killed at call " << n - 1;
    killed = killed_at(n, [&] { save_bundle(bundle("new"), path_); });
    seen.insert(load_bundle(path_).dataset);
  }
  EXPECT_EQ(seen, (std::set<std::string>{"old", "new"}));
  EXPECT_GT(n, 15);
}

TEST_F(Interference, FailingWriterLeavesTheOldBundle) {
  for (const int error : {ENOSPC, EIO}) {
    for (int n = 0;; ++n) {
      ASSERT_LT(n, 1000);
      save_bundle(bundle("old"), path_);
      const Fault fault = failing_at(n, error, [&] { save_bundle(bundle("new"), path_); });
      const bool removing = fault.call == "unlink" || fault.call == "rmdir";
      EXPECT_EQ(fault.complaint.has_value(), !fault.call.empty() && !removing) << fault.call;
      EXPECT_EQ(load_bundle(path_).dataset, fault.complaint ? "old" : "new") << fault.call;
      if (!removing) {
        EXPECT_EQ(names(), std::set<std::string>{"tiny.einet"}) << fault.call;
      }
      if (fault.call.empty()) break;
    }
  }
}

TEST_F(Interference, ConcurrentCommandsLoseNoResults) {
  save_bundle(bundle("made-up"), path_);
  const Bundle start = load_bundle(path_);
  std::vector<std::thread> commands;
  for (int t = 0; t < 4; ++t) {
    commands.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        const std::string platform = "cpu-" + std::to_string(t) + "-" + std::to_string(i);
        update_bundle({path_, true}, start,
                      [&](Bundle& bundle) { bundle.timing[platform] = example_timing(platform); });
      }
    });
  }
  for (std::thread& command : commands) command.join();
  EXPECT_EQ(load_bundle(path_).timing.size(), 20u);
  EXPECT_EQ(names(), std::set<std::string>{"tiny.einet"});
}

TEST_F(Interference, ReadersDoNotFailDuringUpdates) {
  Bundle other = example_bundle();  // Every file differs.
  other.graph.initializers.begin()->second.floats()[0] += 1.0f;
  other.confidences->confidence[0] = 0.25f;
  other.timing.begin()->second.samples = 51;
  other.fit = example_fit(0.4f);
  other.folds = {example_fit(0.5f), example_fit(0.6f)};
  save_bundle(other, path_);
  for (const bool exchange : {true, false}) {
    // Without the atomic exchange there are instants at which no bundle is in place.
    io::system_calls::set_probe([=](std::string_view call) { return !exchange && call == "renameat2" ? EINVAL : 0; });
    std::atomic<bool> done{false};
    std::thread writer([&] {
      for (int i = 0; i < 60; ++i) save_bundle(i % 2 == 0 ? example_bundle() : other, path_);
      done = true;
    });
    for (int i = 0; !done; ++i) {
      try {
        load_bundle(path_);
      } catch (const Error& error) {
        ADD_FAILURE() << (exchange ? "" : "without the exchange, ") << "reading " << i << ": " << error.what();
      }
    }
    writer.join();
    io::system_calls::set_probe({});
  }
}

TEST_F(Interference, ReadingNeedsNoWritePermission) {
  save_bundle(bundle("old"), path_);
  fs::permissions(folder_, fs::perms(0555));
  fs::permissions(path_, fs::perms(0555));
  const bool root = ::geteuid() == 0;
  ASSERT_TRUE(!root || ::seteuid(12345) == 0);
  EXPECT_EQ(load_bundle(path_).dataset, "old");
  expect_error(ErrorKind::kIo, "tiny.einet: cannot", [&] { save_bundle(bundle("new"), path_); });
  EXPECT_EQ(load_bundle(path_).dataset, "old");
  ASSERT_TRUE(!root || ::seteuid(0) == 0);
  fs::permissions(folder_, fs::perms(0755));
  fs::permissions(path_, fs::perms(0755));
}

}  // namespace
}  // namespace einet::bundle
