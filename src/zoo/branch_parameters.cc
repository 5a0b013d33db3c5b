#include "zoo/branch_parameters.h"

#include <utility>

namespace einet::zoo {

std::vector<Parameter> with_branch_parameters(std::vector<Parameter> own) {
  own.push_back({"branch_convs", "1", "3x3 convolutions of a branch"});
  own.push_back({"branch_fcs", "2", "fully connected layers of a branch"});
  own.push_back(
      {"branch_channels", "auto", "channels of a branch's convolutions; auto: depends on the network's size"});
  own.push_back({"branch_hidden", "auto", "units of a branch's inner fully connected layers; auto: 2 x its channels"});
  return own;
}

graph::BranchShape read_branch(const Parameters& given, int channels) {
  graph::BranchShape branch;
  branch.convolutions = given.integer("branch_convs", 1, 8);
  branch.fully_connected = given.integer("branch_fcs", 1, 8);
  branch.channels = given.integer_or_auto("branch_channels", 1, 4096, channels);
  branch.hidden = given.integer_or_auto("branch_hidden", 1, 65536, 2 * branch.channels);
  return branch;
}

}  // namespace einet::zoo
