#pragma once

/// All that an application needs: load a bundle, start runs, read answers.
#include "einet/core/error.h"
#include "einet/core/time.h"
#include "einet/policy/policy.h"
#include "einet/runtime/answer.h"
#include "einet/runtime/model.h"
#include "einet/runtime/session.h"
