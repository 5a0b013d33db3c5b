#pragma once

#include "zoo/zoo.h"

namespace einet::zoo {

/// One function per family, each in the file of the same name.
Family b_alexnet();
Family vgg();
Family resnet();
Family msdnet();

}  // namespace einet::zoo
