// Any bytes as a target and as the body of an inference request over HTTP: the result must be a request that the engine
// accepts, or a refusal in one sentence. The first byte selects how much of the rest is JSON.

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "serve/refusal.h"
#include "serve/rest/infer_json.h"
#include "serve/rest/routes.h"

using namespace einet::serve;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  find_route(body);
  // 255: all of it; otherwise all but so many bytes at the end, which may be more than there are.
  std::optional<std::size_t> json_bytes;
  if (data[0] != 255) json_bytes = body.size() - data[0];
  try {
    const RestRequest request = parse_infer(body, json_bytes, {1, 1, 2, 2});
    check(request.image.size() == 4);
    for (const float pixel : request.image) check(pixel >= 0.0f && pixel <= 1.0f);
    check(!request.timeout || request.timeout->count() > 0);
  } catch (const RequestError& error) {
    const std::string_view sentence = error.what();
    check(error.refusal() == Refusal::kInvalid);
    check(!sentence.empty() && sentence.find('\n') == std::string_view::npos);
  }
  return 0;
}
