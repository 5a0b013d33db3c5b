#pragma once

/// Everything an application needs: loading bundles, starting runs, reading answers, and defining custom planners and
/// policies.
#include "einet/answer.h"
#include "einet/distribution.h"
#include "einet/error.h"
#include "einet/model.h"
#include "einet/plan.h"
#include "einet/planner.h"
#include "einet/policy.h"
#include "einet/session.h"
#include "einet/shared_slot.h"
#include "einet/supervisor.h"
#include "einet/time.h"
