#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace einet::profile {

/// CS-profile (paper IV-B): the answer of every exit for every held-out sample.
struct CsProfile {
  int exits = 0;
  std::vector<std::int32_t> labels;     ///< [samples], the true classes.
  std::vector<std::int32_t> predicted;  ///< [samples, exits].
  std::vector<float> confidence;        ///< [samples, exits], max softmax, in (0,1].
  int classes = 0;                      ///< Of log_probability; 0 if that is empty.
  /// [samples, exits, classes], logarithms of the exits' probabilities as binary16 (core/half.h), for combined answers;
  /// empty if they were not stored.
  std::vector<std::uint16_t> log_probability = {};

  int samples() const { return static_cast<int>(labels.size()); }
  float confidence_at(int sample, int exit) const { return confidence[std::size_t(sample) * exits + exit]; }
  int predicted_at(int sample, int exit) const { return predicted[std::size_t(sample) * exits + exit]; }
  bool right(int sample, int exit) const { return predicted_at(sample, exit) == labels[sample]; }
  std::span<const float> confidences(int sample) const {
    return {confidence.data() + std::size_t(sample) * exits, std::size_t(exits)};
  }
  bool has_log_probabilities() const { return classes > 0; }
  void drop_log_probabilities();
  float log_probability_at(int sample, int exit, int label) const;
  /// Writes `classes` log-probabilities.
  void log_probabilities(int sample, int exit, std::span<float> out) const;
  /// The chosen samples, in that order.
  CsProfile rows(std::span<const int> samples) const;
  /// The chosen exits, in that order, of all samples.
  CsProfile columns(std::span<const int> chosen) const;
  /// Share of samples that exit `exit` gets right.
  double accuracy(int exit) const;
  std::vector<double> accuracies() const;  ///< Of every exit.
  /// Throws kInvalidData naming `name`: different lengths, NaN, confidences outside [0,1].
  void validate(const std::string& name) const;
  /// The same for the log-probabilities alone: different lengths, NaN, values that are positive or infinite.
  void validate_log_probabilities(const std::string& name) const;
};

/// The fixed halves of the held-out protocol (docs/definitions.md): half 0 = even sample numbers, half 1 = odd ones.
std::vector<int> held_out_half(int samples, int half);

/// How a CS-profile measured in another precision differs from the float32 one of the same samples.
struct PrecisionReport {
  std::vector<double> accuracy, reference_accuracy;  ///< By exit.
  std::vector<double> agreement;                     ///< By exit: share of samples with the same label.
  double lowest_agreement() const;
};
PrecisionReport compare_precision(const CsProfile& reference, const CsProfile& other);

/// confidence.npz: "labels" <i4 [N], "predicted" <i4 [N,n] (|u1 when classes fit), "confidence" <f4 [N,n].
/// Throws kInvalidData naming `name` and the fault.
std::string format_cs_profile(const CsProfile& profile, const std::string& name);
CsProfile parse_cs_profile(std::string_view bytes, const std::string& name);

/// log_probabilities.npz: "log_probability" <f2 [N,n,classes], for profiles that have them. Parsing adds them to
/// `profile`. Throws kInvalidData naming `name` and the fault.
std::string format_log_probabilities(const CsProfile& profile, const std::string& name);
void parse_log_probabilities(std::string_view bytes, const std::string& name, CsProfile& profile);

/// The same to and from a file.
void write_cs_profile(const CsProfile& profile, const std::filesystem::path& path);
CsProfile read_cs_profile(const std::filesystem::path& path);

}  // namespace einet::profile
