#pragma once

/// Marks what a shared library of EINet exports; everything else stays hidden.
#define EINET_API __attribute__((visibility("default")))
