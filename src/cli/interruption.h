#pragma once

namespace einet::cli {

/// When SIGINT, SIGTERM or SIGHUP ends the process, what its unfinished writes have left is removed first. A signal
/// that is ignored, as under nohup, stays so. To be called before any other thread is started.
void clean_up_when_interrupted();

}  // namespace einet::cli
