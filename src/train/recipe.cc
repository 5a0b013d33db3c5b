#include "einet/error.h"
#include "train/trainer.h"

namespace einet::train {

TrainOptions recipe(const std::string& name) {
  TrainOptions options;
  if (name == "default") return options;
  options.epochs = 300;
  options.batch = 64;
  options.weight_decay = 1e-4;
  options.clip_norm = 0;
  if (name == "paper") {
    options.mode = "sequential";
    options.optimizer = "adam";
    options.schedule = "constant";
    options.learning_rate = 1e-3;
    return options;
  }
  if (name == "msdnet") {
    options.schedule = "steps";
    return options;
  }
  throw Error(ErrorKind::kUsage, "recipe '" + name + "'", "must be default, paper or msdnet");
}

}  // namespace einet::train
