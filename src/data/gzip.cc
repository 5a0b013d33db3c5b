#include "data/gzip.h"

#include <zlib.h>

#include <limits>
#include <memory>

#include "einet/error.h"

namespace einet::data {

bool is_gzip(std::string_view bytes) { return bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b'; }

std::string gunzip(std::string_view bytes, const std::string& name, std::uint64_t max_bytes) {
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  constexpr std::size_t kChunk = std::size_t{1} << 20;
  z_stream stream{};
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) throw Error(ErrorKind::kInternal, name, "zlib cannot be initialised");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  if (bytes.size() > std::numeric_limits<uInt>::max()) throw Error(ErrorKind::kInvalidData, name, "too large");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    const std::size_t before = out.size();
    if (before > max_bytes) throw Error(ErrorKind::kInvalidData, name, "larger than expected when decompressed");
    out.resize(before + kChunk);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = kChunk;
    status = inflate(&stream, Z_NO_FLUSH);
    out.resize(before + kChunk - stream.avail_out);
    if (status == Z_BUF_ERROR || (status == Z_OK && stream.avail_in == 0 && stream.avail_out > 0)) {
      throw Error(ErrorKind::kInvalidData, name, "truncated gzip file");
    }
    if (status != Z_OK && status != Z_STREAM_END) throw Error(ErrorKind::kInvalidData, name, "damaged gzip file");
  }
  if (out.size() > max_bytes) throw Error(ErrorKind::kInvalidData, name, "larger than expected when decompressed");
  return out;
}

}  // namespace einet::data
