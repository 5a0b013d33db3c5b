#pragma once

/// All that an application needs: load a bundle, start runs, read answers; planners and policies of its own.
#include "einet/answer.h"
#include "einet/distribution.h"
#include "einet/error.h"
#include "einet/model.h"
#include "einet/plan.h"
#include "einet/planner.h"
#include "einet/policy.h"
#include "einet/session.h"
#include "einet/shared_slot.h"
#include "einet/time.h"
