#include "train/device.h"

#include <mutex>

#include "einet/error.h"
#include "train/ranks.h"

namespace einet::train {

at::Device open_device(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  if (name != "cuda") throw Error(ErrorKind::kUsage, "device '" + name + "'", "must be cpu or cuda");
  if (!at::hasCUDA())
    throw Error(ErrorKind::kUnsupported, "device cuda", "not available in this libtorch or on this machine");
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(rank_on_this_machine() % at::getNumGPUs()));
}

void seed_dropout(at::Device device, std::uint64_t seed, std::int64_t step) {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_current_seed(seed * 0x9e3779b97f4a7c15 + static_cast<std::uint64_t>(step));
}

}  // namespace einet::train
