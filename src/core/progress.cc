#include "core/progress.h"

namespace einet {
namespace {

class NoProgress final : public Progress {
 public:
  void update(std::string_view, std::int64_t, std::int64_t, std::string_view) override {}
};

}  // namespace

Progress& Progress::none() {
  static NoProgress instance;
  return instance;
}

}  // namespace einet
