#pragma once

// What all functions of the C API share: exceptions become status codes, structs may be of another version.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "einet/answer.h"
#include "einet/einet_c.h"
#include "einet/error.h"

namespace einet {

/// Sets the result of einet_last_error() in this thread; truncates it.
void set_last_error(const char* text) noexcept;

/// Converts exceptions to status codes: none may leave the library.
template <class Action>
einet_status guarded(Action action) noexcept {
  try {
    action();
    return EINET_OK;
  } catch (const Error& error) {
    set_last_error(error.what());
    return static_cast<einet_status>(static_cast<int>(error.kind()) + 1);
  } catch (const std::bad_alloc&) {
    set_last_error("memory: allocation failed");
    return EINET_OUT_OF_MEMORY;
  } catch (const std::exception& error) {
    set_last_error(error.what());
    return EINET_UNKNOWN;
  } catch (...) {
    set_last_error("an exception not derived from std::exception");
    return EINET_UNKNOWN;
  }
}

template <class T>
T& required(T* pointer, const char* what) {
  if (pointer == nullptr) throw Error(ErrorKind::kUsage, what, "is NULL");
  return *pointer;
}

/// The size stated in the caller's struct. Detects most uninitialised memory.
template <class T>
std::size_t stated_size(const T& given, const char* what) {
  constexpr std::size_t kMost = 4096;
  const std::size_t size = given.size;
  if (size == 0 || size > kMost || size % alignof(T) != 0) {
    throw Error(ErrorKind::kUsage, what,
                "its size is " + std::to_string(size) + ", which no version has; initialise it with its EINET_…_INIT");
  }
  return size;
}

/// The caller's options, which may be null or of another version.
template <class T>
T complete(const T* given, T options, const char* what) {
  if (given == nullptr) return options;
  const std::size_t size = stated_size(*given, what);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(given);
  if (std::any_of(bytes + std::min(size, sizeof(T)), bytes + size, [](unsigned char byte) { return byte != 0; })) {
    throw Error(ErrorKind::kUsage, what, "sets an option that this version of the library does not support");
  }
  std::memcpy(&options, bytes, std::min(size, sizeof(T)));
  return options;
}

/// Copies the result of `compute` to the caller's struct, which may be of another version.
template <class T, class Compute>
einet_status give(T* out, const char* what, Compute compute) noexcept {
  return guarded([&] {
    const std::size_t size = stated_size(required(out, what), what);
    T value = compute();
    value.size = static_cast<std::uint32_t>(size);
    std::memset(out, 0, size);
    std::memcpy(out, &value, std::min(size, sizeof(T)));
  });
}

/// Copies a text to an array; truncates it.
template <std::size_t N>
void copy_text(char (&to)[N], std::string_view from) {
  to[from.copy(to, N - 1)] = '\0';
}

einet_answer to_c(const Answer& answer);

}  // namespace einet
