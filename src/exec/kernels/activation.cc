#include "exec/kernels/activation.h"

#include <cmath>
#include <initializer_list>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/activation.cc"
// clang-format off
#include <hwy/foreach_target.h>  // Must precede everything that is compiled once per target.
// clang-format on
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "exec/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace einet::exec {
namespace HWY_NAMESPACE {

// Highway's Exp is defined up to 104, where the result is already infinite.
template <class D, class V>
HWY_INLINE V exponential(D d, V x) {
  return hn::Exp(d, hn::Min(x, hn::Set(d, 100.0f)));
}

template <class D, class V>
HWY_INLINE V logistic(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, exponential(d, hn::Neg(x))));
}

template <class D, class V>
HWY_INLINE V logarithm(D d, V x) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const V zero = hn::Zero(d);
  V y = hn::Log(d, x);
  y = hn::IfThenElse(hn::Eq(x, zero), hn::Set(d, -kInfinity), y);
  y = hn::IfThenElse(hn::Eq(x, hn::Set(d, kInfinity)), x, y);
  return hn::IfThenElse(hn::Lt(x, zero), hn::Set(d, std::numeric_limits<float>::quiet_NaN()), y);
}

// Below 0.5 the Taylor series up to x^11 (error 1.5e-8), above it Abramowitz and Stegun, Handbook of Mathematical
// Functions, equation 7.1.26 (error 1.5e-7).
template <class D, class V>
HWY_INLINE V error_function(D d, V x) {
  const auto polynomial = [d](V at, std::initializer_list<float> coefficients) HWY_ATTR {
    V sum = hn::Zero(d);
    for (const float c : coefficients) sum = hn::MulAdd(sum, at, hn::Set(d, c));
    return sum;
  };
  const V one = hn::Set(d, 1.0f), size = hn::Abs(x), square = hn::Mul(x, x);
  const V series = hn::Mul(
      x, polynomial(square, {-8.548327e-4f, 5.223978e-3f, -2.686617e-2f, 0.11283792f, -0.37612639f, 1.12837917f}));
  const V t = hn::Div(one, hn::MulAdd(size, hn::Set(d, 0.3275911f), one));
  const V sum = hn::Mul(t, polynomial(t, {1.061405429f, -1.453152027f, 1.421413741f, -0.284496736f, 0.254829592f}));
  const V far = hn::CopySign(hn::NegMulAdd(sum, hn::Exp(d, hn::Neg(square)), one), x);
  return hn::IfThenElse(hn::Lt(size, hn::Set(d, 0.5f)), series, far);
}

template <class D, class V>
HWY_INLINE V gelu(D d, V x) {
  const V half = hn::Mul(x, hn::Set(d, 0.5f));
  return hn::MulAdd(half, error_function(d, hn::Mul(x, hn::Set(d, 0.70710678f))), half);
}

// x / 2 * (1 + tanh(u)) = x * logistic(2 u)
template <class D, class V>
HWY_INLINE V gelu_tanh(D d, V x) {
  const V cubic = hn::MulAdd(hn::Mul(x, x), hn::Set(d, 2 * 0.79788456f * 0.044715f), hn::Set(d, 2 * 0.79788456f));
  return hn::Mul(x, logistic(d, hn::Mul(x, cubic)));
}

// tanh(log(1 + e)) = n / (n + 2) with e = exp(x), n = e (e + 2)
template <class D, class V>
HWY_INLINE V mish(D d, V x) {
  const V two = hn::Set(d, 2.0f), e = hn::Exp(d, hn::Min(x, hn::Set(d, 20.0f)));
  const V n = hn::Mul(e, hn::Add(e, two));
  return hn::Mul(x, hn::Div(n, hn::Add(n, two)));
}

template <class D, class V>
HWY_INLINE V softplus(D d, V x) {
  return hn::Add(hn::Max(x, hn::Zero(d)), hn::Log1p(d, hn::Exp(d, hn::Neg(hn::Abs(x)))));
}

void activate_all(Activation activation, Source x, Target y, Extent extent) {
  const float alpha = activation.alpha, beta = activation.beta;
  const auto each = [&](auto function) {
    map_one(x, y, extent, [=](auto d, auto v, std::size_t) HWY_ATTR { return function(d, v); });
  };
  const auto bounded = [](auto d, auto v, float low, float high)
                           HWY_ATTR { return hn::Min(hn::Max(v, hn::Set(d, low)), hn::Set(d, high)); };
  switch (activation.kind) {
    case Activation::kLeakyRelu:
      return each([=](auto d, auto v)
                      HWY_ATTR { return hn::IfThenElse(hn::Lt(v, hn::Zero(d)), hn::Mul(v, hn::Set(d, alpha)), v); });
    case Activation::kSigmoid:
      return each([](auto d, auto v) HWY_ATTR { return logistic(d, v); });
    case Activation::kTanh:
      return each([](auto d, auto v) HWY_ATTR { return hn::Tanh(d, v); });
    case Activation::kElu:
      return each([=](auto d, auto v) HWY_ATTR {
        const auto below = hn::Mul(hn::Set(d, alpha), hn::Expm1(d, hn::Min(v, hn::Zero(d))));
        return hn::IfThenElse(hn::Lt(v, hn::Zero(d)), below, v);
      });
    case Activation::kHardSigmoid:
      return each([=](auto d, auto v)
                      HWY_ATTR { return bounded(d, hn::MulAdd(v, hn::Set(d, alpha), hn::Set(d, beta)), 0.0f, 1.0f); });
    case Activation::kHardSwish:
      return each([=](auto d, auto v) HWY_ATTR {
        return hn::Mul(v, bounded(d, hn::MulAdd(v, hn::Set(d, 1.0f / 6.0f), hn::Set(d, 0.5f)), 0.0f, 1.0f));
      });
    case Activation::kSwish:
      return each([=](auto d, auto v) HWY_ATTR { return hn::Mul(v, logistic(d, hn::Mul(v, hn::Set(d, alpha)))); });
    case Activation::kErf:
      return each([](auto d, auto v) HWY_ATTR { return error_function(d, v); });
    case Activation::kExp:
      return each([](auto d, auto v) HWY_ATTR { return exponential(d, v); });
    case Activation::kLog:
      return each([](auto d, auto v) HWY_ATTR { return logarithm(d, v); });
    case Activation::kSqrt:
      return each([](auto, auto v) HWY_ATTR { return hn::Sqrt(v); });
    case Activation::kAbs:
      return each([](auto, auto v) HWY_ATTR { return hn::Abs(v); });
    case Activation::kReciprocal:
      return each([](auto d, auto v) HWY_ATTR { return hn::Div(hn::Set(d, 1.0f), v); });
    case Activation::kSoftplus:
      return each([](auto d, auto v) HWY_ATTR { return softplus(d, v); });
    case Activation::kMish:
      return each([](auto d, auto v) HWY_ATTR { return mish(d, v); });
    case Activation::kGelu:
      return each([](auto d, auto v) HWY_ATTR { return gelu(d, v); });
    case Activation::kGeluTanh:
      return each([](auto d, auto v) HWY_ATTR { return gelu_tanh(d, v); });
    case Activation::kSquare:
      return each([](auto, auto v) HWY_ATTR { return hn::Mul(v, v); });
    case Activation::kFloor:
      return each([](auto, auto v) HWY_ATTR { return hn::Floor(v); });
    case Activation::kCeil:
      return each([](auto, auto v) HWY_ATTR { return hn::Ceil(v); });
    case Activation::kRound:  // Ties to even.
      return each([](auto, auto v) HWY_ATTR { return hn::Round(v); });
    case Activation::kSign:
      return each([](auto d, auto v) HWY_ATTR {
        return hn::IfThenElse(hn::Eq(v, hn::Zero(d)), v, hn::CopySign(hn::Set(d, 1.0f), v));
      });
    case Activation::kSin:
      return each([](auto d, auto v) HWY_ATTR { return hn::Sin(d, v); });
    case Activation::kCos:
      return each([](auto d, auto v) HWY_ATTR { return hn::Cos(d, v); });
    case Activation::kNot:
      return each([](auto d, auto v) HWY_ATTR { return hn::IfThenElseZero(hn::Eq(v, hn::Zero(d)), hn::Set(d, 1.0f)); });
    case Activation::kPower:  // Rare: common exponents have their own kind.
      for (std::int64_t p = 0; p < extent.pixels; ++p) {
        for (std::int64_t c = 0; c < extent.channels; ++c) {
          y.data[p * y.stride + c] = std::pow(x.data[p * x.stride + c], alpha);
        }
      }
      return;
    case Activation::kNone:
    case Activation::kRelu:
    case Activation::kClip:
      return each([=](auto d, auto v) HWY_ATTR { return bounded(d, v, activation.low(), activation.high()); });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::exec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace einet::exec {
namespace {

HWY_EXPORT(activate_all);

}  // namespace

void activate_rows(Activation activation, Source x, Target y, Extent extent) {
  // Rows without gaps are one long row.
  if (x.stride == extent.channels && y.stride == extent.channels) extent = {1, extent.pixels * extent.channels};
  HWY_DYNAMIC_DISPATCH(activate_all)(activation, x, y, extent);
}

}  // namespace einet::exec
#endif
