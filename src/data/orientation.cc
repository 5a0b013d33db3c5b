#include "data/orientation.h"

#include <libexif/exif-data.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "data/big_endian.h"
#include "data/jpeg.h"
#include "data/webp.h"

namespace einet::data {
namespace {

/// The prefix of an EXIF block in a jpg, and in some WebP pictures.
constexpr std::string_view kPrefix("Exif\0\0", 6);

/// The eXIf chunk of a png; "" if there is none.
std::string_view png_exif(std::string_view bytes) {
  constexpr std::size_t kSignature = 8;
  constexpr std::size_t kAround = 12;  // Length, type and checksum of a chunk.
  bytes.remove_prefix(std::min(kSignature, bytes.size()));
  while (bytes.size() >= kAround) {
    const std::size_t length = big_endian_32(bytes);
    if (length > bytes.size() - kAround) break;
    if (bytes.substr(4, 4) == "eXIf") return bytes.substr(8, length);
    bytes.remove_prefix(kAround + length);
  }
  return {};
}

int orientation_of(std::string_view exif) {
  const std::unique_ptr<ExifData, void (*)(ExifData*)> data(exif_data_new(), exif_data_unref);
  if (!data) return 1;
  // Otherwise libexif adds the tags that the specification requires.
  exif_data_unset_option(data.get(), EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
  exif_data_load_data(data.get(), reinterpret_cast<const unsigned char*>(exif.data()),
                      static_cast<unsigned>(std::min<std::size_t>(exif.size(), std::size_t{1} << 30)));
  const ExifEntry* entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (!entry || entry->format != EXIF_FORMAT_SHORT || entry->size < 2) return 1;
  const int orientation = exif_get_short(entry->data, exif_data_get_byte_order(data.get()));
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

}  // namespace

int exif_orientation(std::string_view bytes) {
  if (is_jpeg(bytes)) return orientation_of(bytes);
  std::string exif;
  if (bytes.starts_with("\x89PNG")) exif = png_exif(bytes);
  if (is_webp(bytes)) exif = webp_exif(bytes);
  if (exif.empty()) return 1;
  return orientation_of(exif.starts_with(kPrefix) ? exif : std::string(kPrefix) + exif);
}

Picture upright(Picture stored, int orientation) {
  if (orientation == 1) return stored;
  Picture shown = stored;
  if (is_transposed(orientation)) std::swap(shown.height, shown.width);
  // Displayed row y and column x come from a stored row and column that run forwards or backwards.
  const bool transposed = is_transposed(orientation);
  const bool rows_backwards = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool columns_backwards = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  auto* to = shown.pixels.data();
  for (int y = 0; y < shown.height; ++y) {
    for (int x = 0; x < shown.width; ++x, to += shown.channels) {
      int row = transposed ? x : y;
      int column = transposed ? y : x;
      if (rows_backwards) row = stored.height - 1 - row;
      if (columns_backwards) column = stored.width - 1 - column;
      const std::size_t from = (static_cast<std::size_t>(row) * stored.width + column) * stored.channels;
      std::copy_n(stored.pixels.data() + from, stored.channels, to);
    }
  }
  return shown;
}

}  // namespace einet::data
