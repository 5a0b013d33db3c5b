#include <curl/curl.h>

#include <memory>

#include "data/source.h"
#include "einet/error.h"

namespace einet::data {
namespace {

struct Transfer {
  std::string bytes;
  std::uint64_t max_bytes;
  bool too_large = false;
};

std::size_t receive(char* data, std::size_t size, std::size_t count, void* target) {
  auto* transfer = static_cast<Transfer*>(target);
  if (transfer->bytes.size() + size * count > transfer->max_bytes) {
    transfer->too_large = true;
    return 0;
  }
  transfer->bytes.append(data, size * count);
  return size * count;
}

bool means_absent(CURLcode status, long response) {
  return status == CURLE_FILE_COULDNT_READ_FILE ||
         (status == CURLE_HTTP_RETURNED_ERROR && (response == 404 || response == 410));
}

}  // namespace

std::optional<std::string> download(const std::string& url, std::uint64_t max_bytes) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(started == CURLE_OK ? curl_easy_init() : nullptr,
                                                    curl_easy_cleanup);
  if (!curl) throw Error(ErrorKind::kInternal, url, "libcurl cannot be initialised");
  Transfer transfer{.bytes = {}, .max_bytes = max_bytes};
  char reason[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, 30L);
  // Abort a transfer below 1 kB/s for a minute as stalled; there is no limit on the total time.
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1000L);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, 60L);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, reason);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
  const CURLcode status = curl_easy_perform(curl.get());
  if (status == CURLE_OK) return std::move(transfer.bytes);
  if (transfer.too_large) throw Error(ErrorKind::kInvalidData, url, "larger than the official file");
  long response = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &response);
  if (means_absent(status, response)) return std::nullopt;
  throw Error(ErrorKind::kIo, url, reason[0] != '\0' ? reason : curl_easy_strerror(status));
}

}  // namespace einet::data
