#include "train/optimizer.h"

#include "einet/error.h"
#include "train/adam.h"
#include "train/sgd.h"

namespace einet::train {

std::unique_ptr<Optimizer> new_optimizer(const std::string& name, FlatParameters& parameters, double momentum,
                                         double weight_decay) {
  if (name == "sgd") return std::make_unique<Sgd>(parameters, momentum, weight_decay);
  if (name == "adam") return std::make_unique<Adam>(parameters, weight_decay);
  throw Error(ErrorKind::kUsage, "optimizer '" + name + "'", "must be sgd or adam");
}

}  // namespace einet::train
