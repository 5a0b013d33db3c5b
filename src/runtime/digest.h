#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace einet {

/// A SHA-256 in four words, each of which is the value of 16 hexadecimal digits of its text; zeros = none.
using DigestWords = std::array<std::uint64_t, 4>;

/// Parses 64 hexadecimal digits; none for a text of another length.
inline DigestWords digest_words(std::string_view text) noexcept {
  constexpr std::size_t kDigits = 16;
  DigestWords words{};
  if (text.size() != kDigits * words.size()) return words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::from_chars(text.data() + kDigits * i, text.data() + kDigits * (i + 1), words[i], 16);
  }
  return words;
}

/// The inverse; "" for none.
inline std::string digest_text(const DigestWords& words) {
  std::string text;
  if (words == DigestWords{}) return text;
  for (const std::uint64_t word : words) {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(word));
    text += digits;
  }
  return text;
}

}  // namespace einet
