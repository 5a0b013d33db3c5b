#pragma once

#include <vector>

#include "graph/branch.h"
#include "zoo/parameters.h"

namespace einet::zoo {

/// `own` plus the parameters of a branch: branch_convs, branch_fcs, branch_channels and branch_hidden.
std::vector<Parameter> with_branch_parameters(std::vector<Parameter> own);

/// Reads the parameters of a branch; branch_channels=auto gives `channels`, branch_hidden=auto twice the branch's
/// channels.
graph::BranchShape read_branch(const Parameters& given, int channels);

}  // namespace einet::zoo
