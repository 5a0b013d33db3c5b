#pragma once

#include "zoo/zoo.h"

namespace einet::zoo {

/// One function per family; each is in the file of its name.
Family b_alexnet();
Family vgg();
Family resnet();
Family msdnet();

}  // namespace einet::zoo
