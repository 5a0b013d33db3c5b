#pragma once

/// Marks the exported symbols of a shared library; all others are hidden.
#define EINET_API __attribute__((visibility("default")))
