#pragma once

#include <cstddef>
#include <memory>

#include "predict/predictor.h"

namespace einet::fit {

/// A predictor with the scores of `predictor` that computes each only once: the same runs are simulated with many
/// shrinkages, and most of them execute the same exits. Keeps up to `most` predictions, and computes others each time.
/// Clones share them, so only one of all clones may be used at a time; and unlike other predictors it allocates.
std::unique_ptr<predict::Predictor> remembering_predictor(std::unique_ptr<predict::Predictor> predictor,
                                                          std::size_t most = 200'000);

}  // namespace einet::fit
