#pragma once

namespace einet::measure {

/// Most float operations per second that one core of this machine does: independent multiply-adds (two operations each)
/// on vectors that stay in registers, measured for some milliseconds. The best of several tries, since whatever else
/// runs on the machine can only lower it.
double peak_flops();

}  // namespace einet::measure
