#pragma once

namespace einet::serve {

/// From now on gRPC's own errors are events "grpc" of the server's log, at most one a second, because clients can cause
/// them at will; otherwise gRPC writes lines of another form to standard error. For the whole process.
void log_errors_of_grpc();

}  // namespace einet::serve
