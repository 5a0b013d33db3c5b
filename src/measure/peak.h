#pragma once

namespace einet::measure {

/// Peak float operations per second of one core of this machine: independent multiply-adds (two operations each)
/// on vectors that stay in registers, measured for a few milliseconds. The best of several tries, since other
/// processes can only lower it.
double peak_flops();

}  // namespace einet::measure
