#pragma once

/// All that an application needs: load a bundle, start runs, read answers.
#include "einet/answer.h"
#include "einet/error.h"
#include "einet/model.h"
#include "einet/policy.h"
#include "einet/session.h"
#include "einet/time.h"
