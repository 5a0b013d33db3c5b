#pragma once

#include <zlib.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace einet::data {

inline std::string big_endian_32(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

/// An IDX file of unsigned bytes.
inline std::string idx_bytes(const std::vector<std::uint32_t>& shape, std::string_view elements) {
  std::string bytes = big_endian_32(0x0800 | static_cast<std::uint32_t>(shape.size()));
  for (const std::uint32_t size : shape) bytes += big_endian_32(size);
  return bytes.append(elements);
}

inline std::string gzip_bytes(std::string_view plain) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// One entry of a ustar archive, padded to whole blocks.
inline std::string tar_entry(const std::string& path, const std::string& content, char type = '0') {
  std::string header(512, '\0');
  header.replace(0, path.size(), path);
  char size[12];
  std::snprintf(size, sizeof size, "%011o", static_cast<unsigned>(content.size()));
  header.replace(124, 11, size);
  header[156] = type;
  header.replace(257, 5, "ustar");
  return header + content + std::string((512 - content.size() % 512) % 512, '\0');
}

/// A grey picture (P5).
inline std::string pgm_bytes(int width, int height, const std::vector<std::uint8_t>& pixels) {
  return "P5 " + std::to_string(width) + " " + std::to_string(height) + " 255\n" +
         std::string(pixels.begin(), pixels.end());
}

/// A colour picture (P6) with red, green and blue of each pixel.
inline std::string ppm_bytes(int width, int height, const std::vector<std::uint8_t>& pixels) {
  return "P6 " + std::to_string(width) + " " + std::to_string(height) + " 255\n" +
         std::string(pixels.begin(), pixels.end());
}

/// A grey 16-bit picture: P5, most significant byte first.
inline std::string pgm_16_bytes(int width, int height, const std::vector<std::uint16_t>& pixels) {
  std::string bytes = "P5 " + std::to_string(width) + " " + std::to_string(height) + " 65535\n";
  for (const std::uint16_t pixel : pixels) bytes += {static_cast<char>(pixel >> 8), static_cast<char>(pixel)};
  return bytes;
}

inline std::string png_chunk(const std::string& type, std::string_view content) {
  const std::string body = type + std::string(content);
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian_32(static_cast<std::uint32_t>(content.size())) + body +
         big_endian_32(static_cast<std::uint32_t>(crc));
}

/// A png of `channels` (1 grey, 2 with alpha, 3 colour, 4 with alpha) of 8 or 16 bits; `extra` are chunks before the
/// pixels.
inline std::string png_bytes(int width, int height, int channels, int bits, const std::vector<std::uint16_t>& pixels,
                             const std::string& extra = {}) {
  const char type[] = {0, 4, 2, 6};
  std::string header =
      big_endian_32(static_cast<std::uint32_t>(width)) + big_endian_32(static_cast<std::uint32_t>(height));
  header += {static_cast<char>(bits), type[channels - 1], 0, 0, 0};
  std::string rows;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    if (i % (static_cast<std::size_t>(width) * channels) == 0) rows += '\0';  // no filter
    if (bits == 16) rows += static_cast<char>(pixels[i] >> 8);
    rows += static_cast<char>(pixels[i]);
  }
  std::string packed(compressBound(rows.size()), '\0');
  uLongf length = packed.size();
  compress(reinterpret_cast<Bytef*>(packed.data()), &length, reinterpret_cast<const Bytef*>(rows.data()), rows.size());
  packed.resize(length);
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", header) + extra + png_chunk("IDAT", packed) + png_chunk("IEND", "");
}

/// A TIFF header with the single tag 274, as in EXIF blocks, in either byte order.
inline std::string exif_orientation_bytes(int orientation, bool big_endian) {
  const auto number = [&](std::uint32_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * (big_endian ? bytes - 1 - i : i));
    return text;
  };
  return (big_endian ? "MM" : "II") + number(42, 2) + number(8, 4) + number(1, 2) + number(274, 2) + number(3, 2) +
         number(1, 4) + number(static_cast<std::uint32_t>(orientation), 2) + number(0, 2) + number(0, 4);
}

inline std::string tar_end() { return std::string(1024, '\0'); }

}  // namespace einet::data
