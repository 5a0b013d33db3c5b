#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "einet/einet_c.h"
#include "einet/model.h"
#include "einet/session.h"
#include "einet/shared_slot.h"

// The handles of the C API.

struct einet_model {
  explicit einet_model(std::shared_ptr<const einet::Model> made);

  std::shared_ptr<const einet::Model> model;
  std::vector<std::string> class_names;
};

struct einet_session {
  einet_session(std::shared_ptr<const einet::Model> model, einet::SessionOptions options)
      : session(std::move(model), std::move(options)) {}

  einet::Session session;
  std::atomic<std::uint64_t> run{0};  ///< Number of the last started run.
};

struct einet_slot {
  std::shared_ptr<const einet::SharedSlot> readable;
  std::shared_ptr<einet::SharedSlot> writable;  ///< The same slot; null if attached.
};
