#pragma once

namespace einet::cli {

/// When SIGINT, SIGTERM or SIGHUP ends the process, leftovers of unfinished writes are removed first. Signals that are
/// ignored, as under nohup, stay ignored. Call it before starting any other thread.
void clean_up_when_interrupted();

}  // namespace einet::cli
