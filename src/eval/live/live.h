#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "bundle/timing.h"
#include "core/progress.h"
#include "einet/session.h"
#include "einet/time.h"
#include "eval/report.h"

namespace einet::eval {

/// Writes the pixels [C,H,W] in [0,1] of held-out sample i, the sample of row i of the CS-profile.
using ImageSource = std::function<void(int sample, std::span<float> pixels)>;

struct LiveOptions {
  EvalOptions eval;
  int images = 2000;   ///< Drawn without repetition from the CS-profile's samples; at most all of them; 0 = all.
  int rounds = 20;     ///< Block times are measured at the start of each; at most one round per image.
  Seconds probe{0.2};  ///< Duration of that measurement, per round.
  std::uint64_t seed = 1;
  Seconds budget{0};  ///< Stops after about this time, after at least one image; 0 = never.
  /// A run counts as disturbed by other processes if its answer was read later than planned, or a part of it took
  /// longer than usual, by more than this share of the horizon. This does not depend on the answer. Disturbed runs are
  /// repeated, at most seven times. MethodResult::live counts them.
  double tolerance = 0.05;
  /// Selects the implementations of the network, as for a run. The times themselves are measured in each round.
  bundle::TimingOptions timing = {};
};

/// One live run that was cut off.
struct LiveRun {
  int method = 0;  ///< Index into Report::methods.
  int sample = 0;
  double cut = 0.0;  ///< When the answer was read, in units of the round's horizon.
  bool right = false;
  int exit = -1;  ///< The exit of the answer; -1 = none.
};

/// One run in detail, for a picture.
struct Timeline {
  std::string method;
  int sample = 0;
  std::int32_t label = 0;         ///< The true class.
  std::vector<float> pixels;      ///< [C,H,W] in [0,1].
  graph::Shape image_shape;       ///< [C,H,W].
  double horizon = 0.0;           ///< Seconds.
  double cut = 0.0;               ///< Seconds; when latest() was read and the run interrupted.
  std::vector<TraceEvent> trace;  ///< The executed blocks.
  std::vector<Answer> answers;    ///< All answers.
  Answer shown;                   ///< The answer at the cut-off.
};

struct LiveResult {
  Report report;  ///< With MethodResult::live; simulated with the mean block times and mean horizon of all rounds.
  std::vector<LiveRun> runs;
  std::vector<double> horizons;  ///< Of each round, in seconds: shows the drift of the machine.
  int images = 0;                ///< Number of images run; fewer than requested if the budget was used up.
  /// One image per method (the same image and cut-off), `einet` first; empty if the machine was too busy for
  /// undisturbed runs.
  std::vector<Timeline> timelines;
  std::vector<std::string> notes;  ///< Lines for the user (bundle::Timing::notes).
};

/// Runs every method on every image and cuts it off.
///
/// For each image one cut-off is drawn from the distribution, the same for all methods, stratified over the images
/// (quantile((k + U) / images) for a random permutation k). The run is started on its worker thread; this thread
/// sleeps, then polls the clock until the cut-off, reads latest() and interrupts.
///
/// Methods alternate image by image, and every round begins with a measurement of the block times (medians; their sum
/// is the horizon of the round; plans are recomputed), so that changes of the machine's speed affect all methods
/// equally. Before each run that is cut off the whole network is run once, so that the caches are in the same state as
/// in the measurement of ET-profiles. In between, runs without a cut-off, with all branches and with only the last one,
/// are timed: they give the ET-profile for the simulation of the round.
///
/// The policy for each image was fitted without it (Protocol::kHeldOut). Throws like evaluate(); kInvalidData if a
/// pixel is not finite.
LiveResult evaluate_live(const bundle::Bundle& bundle, const ImageSource& images, const LiveOptions& options = {},
                         Progress& progress = Progress::none());

}  // namespace einet::eval
