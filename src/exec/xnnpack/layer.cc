// An operator of XNNPACK contains its packed weights and the addresses of its input and output, which a run reads. It
// therefore belongs to one execution: each packs the weights again. Everything else that an operator needs is allocated
// when it is set up, so that a run does not use the heap.
//
// XNNPACK's own threads need locks. With several threads, a layer is instead divided into operators for consecutive
// output channels, one for each thread, which write their slices of the rows.

#include "exec/xnnpack/layer.h"

#include <xnnpack.h>

#include <algorithm>
#include <atomic>
#include <span>
#include <string>
#include <vector>

#include "einet/error.h"
#include "exec/threads.h"

namespace einet::exec {
namespace {

struct DeleteOperator {
  void operator()(xnn_operator_t made) const { xnn_delete_operator(made); }
};
using Operator = std::unique_ptr<xnn_operator, DeleteOperator>;

void check(xnn_status status) {
  if (status == xnn_status_success) return;
  throw Error(ErrorKind::kUnsupported, "XNNPACK", "cannot run a convolution: status " + std::to_string(status));
}

// From [M,C,kh,kw] to [M,kh,kw,C].
void channels_innermost(const graph::Tensor& weights, float* to) {
  const std::int64_t channels = weights.shape[1], area = weights.shape[2] * weights.shape[3];
  const float* from = weights.floats().data();
  for (std::int64_t m = 0; m < weights.shape[0]; ++m, from += channels * area) {
    for (std::int64_t k = 0; k < area; ++k) {
      for (std::int64_t c = 0; c < channels; ++c) *to++ = from[c * area + k];
    }
  }
}

class XnnpackCall final : public LibraryCall {
 public:
  explicit XnnpackCall(std::vector<Operator> operators) : operators_(std::move(operators)) {}

  bool run() noexcept override {
    if (operators_.size() == 1) return run(0);
    std::atomic<bool> good = true;
    share(static_cast<int>(operators_.size()), static_cast<std::int64_t>(operators_.size()),
          [&](std::int64_t first, std::int64_t count) {
            for (std::int64_t i = first; i < first + count; ++i) {
              if (!run(static_cast<std::size_t>(i))) good = false;
            }
          });
    return good;
  }

 private:
  bool run(std::size_t i) noexcept { return xnn_run_operator(operators_[i].get(), nullptr) == xnn_status_success; }

  std::vector<Operator> operators_;
};

class XnnpackLayer final : public LibraryLayer {
 public:
  XnnpackLayer(const Convolution& conv, const graph::Shape& input, ArenaRows x, ArenaRows y, Clamp clamp, int threads,
               WeightStore& store)
      : window_(conv.window),
        input_(input),
        groups_(conv.groups),
        inputs_(conv.weights.shape[1]),
        outputs_(conv.weights.shape[0] / conv.groups),
        x_(x),
        y_(y),
        clamp_(clamp),
        weights_(store.take_floats(static_cast<std::int64_t>(conv.weights.floats().size()))),
        bias_(store.take_floats(static_cast<std::int64_t>(conv.bias.size()))) {
    channels_innermost(conv.weights, weights_);
    std::copy(conv.bias.begin(), conv.bias.end(), bias_);
    window_.pads_end = graph::covered_padding(window_, std::span(input).subspan(2));
    const std::int64_t macs =
        input[0] * window_.output[0] * window_.output[1] * static_cast<std::int64_t>(conv.weights.floats().size());
    threads_ = macs < kMacsWorthSharing ? 1 : threads;
  }

  std::unique_ptr<LibraryCall> bind(float* arena, std::byte*) const override {
    // Whole vectors of channels, or whole groups.
    const std::int64_t all = groups_ == 1 ? outputs_ : groups_;
    const std::int64_t piece = groups_ == 1 || is_depthwise() ? kPanel : 1, pieces = (all + piece - 1) / piece;
    const auto count = std::min<std::int64_t>(threads_, pieces);
    std::vector<Operator> operators;
    for (std::int64_t t = 0; t < count; ++t) {
      const std::int64_t first = pieces * t / count * piece;
      const std::int64_t last = std::min(all, pieces * (t + 1) / count * piece);
      operators.push_back(groups_ == 1 ? make(arena, 0, 1, first, last - first)
                                       : make(arena, first, last - first, 0, outputs_));
    }
    return std::make_unique<XnnpackCall>(std::move(operators));
  }

 private:
  bool is_depthwise() const { return inputs_ == 1 && outputs_ == 1; }

  // Computes `groups` groups, `outputs` output channels of each; one of the ranges covers everything.
  Operator make(float* arena, std::int64_t first_group, std::int64_t groups, std::int64_t first_output,
                std::int64_t outputs) const {
    const auto small = [](std::int64_t value) { return static_cast<std::uint32_t>(value); };
    const auto size = [](std::int64_t value) { return static_cast<std::size_t>(value); };
    const graph::WindowGeometry& w = window_;
    const std::int64_t first = first_group * outputs_ + first_output;
    xnn_operator_t made = nullptr;
    check(xnn_create_convolution2d_nhwc_f32(
        small(w.pads_begin[0]), small(w.pads_end[1]), small(w.pads_end[0]), small(w.pads_begin[1]), small(w.kernel[0]),
        small(w.kernel[1]), small(w.strides[0]), small(w.strides[1]), small(w.dilations[0]), small(w.dilations[1]),
        small(groups), size(inputs_), size(outputs), size(x_.stride), size(y_.stride),
        weights_ + first * w.kernel[0] * w.kernel[1] * inputs_, bias_ + first, clamp_.low, clamp_.high, 0, &made));
    Operator result(made);
    check(xnn_setup_convolution2d_nhwc_f32(made, size(input_[0]), size(input_[2]), size(input_[3]),
                                           arena + x_.offset + first_group * inputs_, arena + y_.offset + first,
                                           nullptr));
    return result;
  }

  graph::WindowGeometry window_;
  graph::Shape input_;
  std::int64_t groups_, inputs_, outputs_;  ///< Channels of a group.
  ArenaRows x_, y_;
  Clamp clamp_;
  int threads_;
  float *weights_, *bias_;
};

}  // namespace

bool has_xnnpack() {
  static const bool usable = xnn_initialize(nullptr) == xnn_status_success;
  return usable;
}

bool suits_xnnpack(const Convolution& convolution) {
  const graph::WindowGeometry& w = convolution.window;
  const auto negative = [](std::int64_t pad) { return pad < 0; };
  return w.kernel.size() == 2 && std::ranges::none_of(w.pads_begin, negative);
}

std::unique_ptr<const LibraryLayer> make_xnnpack_layer(const Convolution& convolution, const graph::Shape& input,
                                                       ArenaRows x, ArenaRows y, Clamp clamp, int threads,
                                                       WeightStore& store) {
  return std::make_unique<XnnpackLayer>(convolution, input, x, y, clamp, threads, store);
}

}  // namespace einet::exec
