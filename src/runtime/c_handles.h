#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "einet/einet_c.h"
#include "einet/model.h"
#include "einet/session.h"
#include "einet/shared_slot.h"
#include "einet/supervisor.h"

// The handles of the C API.

struct einet_model {
  explicit einet_model(std::shared_ptr<const einet::Model> made);

  std::shared_ptr<const einet::Model> model;
  std::vector<std::string> class_names;
};

struct einet_session {
  einet_session(std::shared_ptr<const einet::Model> model, einet::SessionOptions options)
      : runner(std::in_place_type<einet::Session>, std::move(model), std::move(options)) {}
  einet_session(std::vector<std::string> worker, einet::SupervisorOptions options)
      : runner(std::in_place_type<einet::Supervisor>, std::move(worker), std::move(options)) {}

  std::variant<einet::Session, einet::Supervisor> runner;
  std::atomic<std::uint64_t> run{0};  ///< Number of the last started run.
};

struct einet_slot {
  std::shared_ptr<const einet::SharedSlot> readable;
  std::shared_ptr<einet::SharedSlot> writable;  ///< The same slot; null if attached.
};
