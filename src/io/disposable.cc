#include "io/disposable.h"

#include <set>

#include "io/file.h"
#include "io/system_calls.h"

namespace einet::io {
namespace fs = std::filesystem;
namespace {

// Neither is ever destroyed: a signal may arrive while the process is exiting.
std::mutex& mutex() {
  static auto* const instance = new std::mutex;
  return *instance;
}

std::set<fs::path>& disposables() {
  static auto* const instance = new std::set<fs::path>;
  return *instance;
}

}  // namespace

Uninterrupted::Uninterrupted() : lock_(mutex()) {}

Disposable::Disposable(const Uninterrupted&, fs::path path) : path_(std::move(path)) { disposables().insert(path_); }

Disposable::~Disposable() {
  const Uninterrupted uninterrupted;
  if (!released_) remove_tree(path_);
  disposables().erase(path_);
}

void Disposable::release() {
  const Uninterrupted uninterrupted;
  released_ = true;
  disposables().erase(path_);
}

void remove_tree(const fs::path& path) noexcept {
  try {
    std::error_code error;
    if (fs::symlink_status(path, error).type() != fs::file_type::directory) {
      system_calls::unlink(path.c_str());
      return;
    }
    for (const auto& entry : fs::directory_iterator(path, error)) remove_tree(entry.path());
    system_calls::rmdir(path.c_str());
  } catch (const std::exception&) {
    // Out of memory: the next write removes the rest.
  }
}

void abandon_writes() {
  mutex().lock();  // Never unlocked: no other thread begins or finishes a write after this.
  for (const fs::path& path : disposables()) remove_tree(path);
}

}  // namespace einet::io
