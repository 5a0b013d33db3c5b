#pragma once

// Options of the C API as those of the C++ API. They may be null or of another version. Throw kUsage.

#include "einet/einet_c.h"
#include "einet/model.h"
#include "einet/session.h"
#include "einet/supervisor.h"

namespace einet {

ModelOptions model_options(const einet_model_options* given);
SessionOptions session_options(const einet_session_options* given);
RunOptions run_options(const einet_run_options* given);
SupervisorOptions supervisor_options(const einet_supervisor_options* given);

}  // namespace einet
