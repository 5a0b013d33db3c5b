#include "serve/rest/event_stream.h"

#include <cstdio>

namespace einet::serve {

std::string event_stream_header() {
  return "HTTP/1.1 200 OK\r\n"
         "Server: einet\r\n"
         "Content-Type: text/event-stream\r\n"
         "Cache-Control: no-store\r\n"
         "Transfer-Encoding: chunked\r\n\r\n";
}

std::string event_chunk(std::string_view name, std::string_view json) {
  std::string event = "event: ";
  event.append(name).append("\ndata: ").append(json).append("\n\n");
  char size[24];
  std::snprintf(size, sizeof size, "%zx\r\n", event.size());
  return size + event + "\r\n";
}

std::string last_chunk() { return "0\r\n\r\n"; }

}  // namespace einet::serve
