#include "einet/error.h"

namespace einet {

Error::Error(ErrorKind kind, std::string_view what, std::string_view why)
    : std::runtime_error(std::string(what) + ": " + std::string(why)), kind_(kind) {}

}  // namespace einet
