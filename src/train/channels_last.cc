#include "train/channels_last.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <limits>

#include "train/batch_part.h"
#include "train/kernels/add_all.h"
#include "train/kernels/norm_relu.h"
#include "train/kernels/split_rows.h"

namespace einet::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Sums are formed over this many ranges of rows, independent of the number of threads, so that results do not depend
/// on it.
constexpr std::int64_t kStretches = 16;

Rows rows_of(const at::Tensor& x) {
  return {.count = x.size(0) * x.size(2) * x.size(3), .channels = x.size(1), .bf16 = x.scalar_type() == at::kBFloat16};
}

at::Tensor dense(const at::Tensor& x, at::ScalarType type) {
  return x.to(type).contiguous(at::MemoryFormat::ChannelsLast);
}

/// Calls work(stretch, its rows, offset of its first byte) for every stretch, on all threads.
template <class Work>
void in_stretches(const Rows& rows, Work work) {
  const std::int64_t length = (rows.count + kStretches - 1) / kStretches;
  at::parallel_for(0, kStretches, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t from = std::min(i * length, rows.count);
      Rows part = rows;
      part.count = std::min((i + 1) * length, rows.count) - from;
      if (part.count > 0) work(i, part, from * rows.channels * (rows.bf16 ? 2 : 4));
    }
  });
}

char* bytes(const at::Tensor& x) { return static_cast<char*>(x.data_ptr()); }

/// Two sums per channel over all rows; sum(rows of a stretch, offset of its first byte, double* first, double* second)
/// computes them for one stretch.
template <class Sum>
std::pair<std::vector<double>, std::vector<double>> two_sums(const Rows& rows, Sum sum) {
  const std::int64_t channels = rows.channels;
  std::vector<double> stretches(2 * channels * kStretches);
  in_stretches(rows, [&](std::int64_t i, const Rows& part, std::int64_t at) {
    double* first = stretches.data() + 2 * channels * i;
    sum(part, at, first, first + channels);
  });
  std::pair<std::vector<double>, std::vector<double>> total{channels, channels};
  for (std::int64_t i = 0; i < kStretches; ++i) {
    for (std::int64_t c = 0; c < channels; ++c) {
      total.first[c] += stretches[2 * channels * i + c];
      total.second[c] += stretches[2 * channels * i + channels + c];
    }
  }
  return total;
}

/// The two sums and the number of rows behind them.
struct Sums {
  std::vector<double> first, second;
  double count;
};

/// Of all processes that share the batch; `ranks` may be null.
Sums over_ranks(const Ranks* ranks, const std::pair<std::vector<double>, std::vector<double>>& own, double count) {
  if (ranks == nullptr) return {own.first, own.second, count};
  std::vector<double> all(own.first);
  all.insert(all.end(), own.second.begin(), own.second.end());
  all.push_back(count);
  at::Tensor values = at::from_blob(all.data(), {static_cast<std::int64_t>(all.size())}, at::kDouble);
  ranks->add(values);
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(own.first.size());
  return {{all.begin(), middle}, {middle, all.end() - 1}, all.back()};
}

/// The coefficients of a normalisation and of its gradient, per channel.
struct Coefficients {
  std::vector<float> scale, shift, mean, inverse_deviation;
  float floor;

  Coefficients(const at::Tensor& gain, const at::Tensor& offset, std::vector<float> means, std::vector<float> inverse,
               bool relu)
      : scale(means.size()),
        shift(means.size()),
        mean(std::move(means)),
        inverse_deviation(std::move(inverse)),
        floor(relu ? 0.0f : -std::numeric_limits<float>::infinity()) {
    const float* gains = gain.data_ptr<float>();
    const float* offsets = offset.data_ptr<float>();
    for (std::size_t c = 0; c < scale.size(); ++c) {
      scale[c] = gains[c] * inverse_deviation[c];
      shift[c] = offsets[c] - mean[c] * scale[c];
    }
  }
  ScaleShift forward() const { return {scale.data(), shift.data(), floor}; }
};

at::Tensor transformed(const at::Tensor& x, const Coefficients& coefficients) {
  at::Tensor y = at::empty_like(x, x.options(), at::MemoryFormat::ChannelsLast);
  in_stretches(rows_of(x), [&](std::int64_t, const Rows& part, std::int64_t at) {
    scale_shift(part, bytes(x) + at, coefficients.forward(), bytes(y) + at);
  });
  return y;
}

std::vector<float> values(const at::Tensor& x) { return {x.data_ptr<float>(), x.data_ptr<float>() + x.numel()}; }
at::Tensor tensor(const std::vector<float>& x) { return at::tensor(at::ArrayRef<float>(x)); }

struct NormRelu : torch::autograd::Function<NormRelu> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& gain,
                            const at::Tensor& offset, const at::Tensor& running_mean,
                            const at::Tensor& running_variance, double epsilon, double momentum, bool relu) {
    const Rows rows = rows_of(x);
    float* means = running_mean.data_ptr<float>();
    float* variances = running_variance.data_ptr<float>();
    const std::vector<float> pivot = values(running_mean);
    const auto own = two_sums(rows, [&](const Rows& part, std::int64_t at, double* first, double* second) {
      add_moments(part, bytes(x) + at, pivot.data(), first, second);
    });
    const Ranks* ranks = SharedBatch::statistics();
    const auto [sum, squares, count] = over_ranks(ranks, own, static_cast<double>(rows.count));
    std::vector<float> mean(rows.channels), inverse(rows.channels);
    for (std::int64_t c = 0; c < rows.channels; ++c) {
      const double distance = sum[c] / count;
      const double variance = std::max(0.0, squares[c] / count - distance * distance);
      mean[c] = static_cast<float>(pivot[c] + distance);
      inverse[c] = static_cast<float>(1 / std::sqrt(variance + epsilon));
      const double unbiased = count > 1 ? variance * count / (count - 1) : variance;
      means[c] = static_cast<float>((1 - momentum) * means[c] + momentum * mean[c]);
      variances[c] = static_cast<float>((1 - momentum) * variances[c] + momentum * unbiased);
    }
    context->save_for_backward({x, gain, offset, tensor(mean), tensor(inverse)});
    context->saved_data["relu"] = relu;
    context->saved_data["ranks"] = static_cast<std::int64_t>(reinterpret_cast<std::intptr_t>(ranks));
    return transformed(x, Coefficients(gain, offset, std::move(mean), std::move(inverse), relu));
  }

  static variable_list backward(AutogradContext* context, const variable_list& outer) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::Tensor outer_gradient = dense(outer[0], x.scalar_type());
    const Coefficients c(saved[1], saved[2], values(saved[3]), values(saved[4]), context->saved_data["relu"].toBool());
    const Rows rows = rows_of(x);
    // The gradients of gain and offset are those of this process's images, like all gradients of parameters.
    const auto own = two_sums(rows, [&](const Rows& part, std::int64_t at, double* first, double* second) {
      add_gradient_moments(part, bytes(x) + at, bytes(outer_gradient) + at, c.forward(), c.mean.data(), first, second);
    });
    const auto* ranks = reinterpret_cast<const Ranks*>(context->saved_data["ranks"].toInt());
    const auto [sum, products, count] = over_ranks(ranks, own, static_cast<double>(rows.count));
    // With n values, x' = (x - mean) * inverse and g the gradient after the gain:
    // gradient = inverse * (g - mean(g) - x' * mean(g * x')).
    std::vector<float> gain_gradient(rows.channels), offset_gradient(rows.channels), b(rows.channels), d(rows.channels);
    for (std::int64_t i = 0; i < rows.channels; ++i) {
      const double inverse = c.inverse_deviation[i];
      gain_gradient[i] = static_cast<float>(own.second[i] * inverse);
      offset_gradient[i] = static_cast<float>(own.first[i]);
      b[i] = static_cast<float>(-c.scale[i] * products[i] * inverse * inverse / count);
      d[i] = static_cast<float>(-c.scale[i] * sum[i] / count);
    }
    at::Tensor gradient;
    if (context->needs_input_grad(0)) {
      gradient = at::empty_like(x, x.options(), at::MemoryFormat::ChannelsLast);
      const InputGradient backward{c.scale.data(), b.data(), d.data(), c.mean.data()};
      in_stretches(rows, [&](std::int64_t, const Rows& part, std::int64_t at) {
        input_gradient(part, bytes(x) + at, bytes(outer_gradient) + at, c.forward(), backward, bytes(gradient) + at);
      });
    }
    return {gradient, tensor(gain_gradient), tensor(offset_gradient), {}, {}, {}, {}, {}};
  }
};

struct FanOut : torch::autograd::Function<FanOut> {
  static variable_list forward(AutogradContext*, const at::Tensor& x, std::int64_t readers) {
    variable_list handles;
    for (std::int64_t i = 0; i < readers; ++i) handles.push_back(x.detach());
    return handles;
  }

  static variable_list backward(AutogradContext*, const variable_list& outer) {
    std::vector<at::Tensor> gradients;
    for (const at::Tensor& gradient : outer) {
      if (gradient.defined()) gradients.push_back(dense(gradient, gradient.scalar_type()));
    }
    if (gradients.size() < 2) return {gradients.empty() ? at::Tensor() : gradients[0], {}};
    const at::Tensor sum = at::empty_like(gradients[0], gradients[0].options(), at::MemoryFormat::ChannelsLast);
    in_stretches(rows_of(sum), [&](std::int64_t, const Rows& part, std::int64_t at) {
      std::vector<const void*> parts;
      for (const at::Tensor& gradient : gradients) parts.push_back(bytes(gradient) + at);
      add_all(parts, part.count * part.channels, part.bf16, bytes(sum) + at);
    });
    return {sum, {}};
  }
};

struct Concat : torch::autograd::Function<Concat> {
  static at::Tensor forward(AutogradContext* context, at::TensorList parts) {
    std::vector<std::int64_t> channels;
    for (const at::Tensor& part : parts) channels.push_back(part.size(1));
    context->saved_data["channels"] = channels;
    return at::cat(parts, 1);
  }

  static variable_list backward(AutogradContext* context, const variable_list& outer) {
    const at::Tensor gradient = outer[0].contiguous(at::MemoryFormat::ChannelsLast);
    variable_list results;
    std::vector<RowPart> parts;
    for (const std::int64_t channels : context->saved_data["channels"].toIntVector()) {
      results.push_back(at::empty({gradient.size(0), channels, gradient.size(2), gradient.size(3)}, gradient.options(),
                                  at::MemoryFormat::ChannelsLast));
      parts.push_back({bytes(results.back()), channels * static_cast<std::int64_t>(gradient.element_size())});
    }
    split_rows(bytes(gradient), rows_of(gradient).count, parts);
    return results;
  }
};

}  // namespace

bool suits_channels_last(const at::Tensor& x) {
  return x.dim() == 4 && x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor norm_relu_training(const at::Tensor& x, const Normalization& normalization, bool relu) {
  return NormRelu::apply(x, normalization.scale, normalization.shift, normalization.mean, normalization.variance,
                         normalization.epsilon, normalization.momentum, relu);
}

at::Tensor norm_relu_evaluation(const at::Tensor& x, const Normalization& normalization, bool relu) {
  std::vector<float> inverse = values(normalization.variance);
  for (float& value : inverse) value = static_cast<float>(1 / std::sqrt(value + normalization.epsilon));
  return transformed(
      x, Coefficients(normalization.scale, normalization.shift, values(normalization.mean), std::move(inverse), relu));
}

std::vector<at::Tensor> fan_out(const at::Tensor& x, std::size_t readers) {
  const bool sums = readers > 1 && at::GradMode::is_enabled() && x.requires_grad() && suits_channels_last(x);
  if (!sums) return std::vector<at::Tensor>(readers, x);
  return FanOut::apply(x, static_cast<std::int64_t>(readers));
}

at::Tensor concat_channels(const std::vector<at::Tensor>& parts) { return Concat::apply(at::TensorList(parts)); }

}  // namespace einet::train
