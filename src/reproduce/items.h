#pragma once

#include "reproduce/item.h"

// The items, one file each in items/.
namespace einet::reproduce {

Item table2();
Item figure3();
Item figure7();
Item figure8();
Item figure9();
Item figure10();
Item figure11();
Item figure12();
Item today();

}  // namespace einet::reproduce
