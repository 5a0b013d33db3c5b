#pragma once

#include "einet/zoo/zoo.h"

namespace einet::zoo {

/// One function per network; each lives in the file of its name.
Family msdnet();
Family b_alexnet();

}  // namespace einet::zoo
