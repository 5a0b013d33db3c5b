#include "jpeg.h"

#include <turbojpeg.h>

#include <memory>

#include "einet/core/error.h"

namespace einet::data {
namespace {

/// Warnings are for what the decoder could put right, unless values of pixels are lost.
bool is_damage(int status, tjhandle decoder) {
  if (status == 0) return false;
  if (tjGetErrorCode(decoder) == TJERR_FATAL) return true;
  const std::string_view warning = tjGetErrorStr2(decoder);
  const bool harmless = warning.find("extraneous bytes") != std::string_view::npos;
  return !harmless && (warning.starts_with("Corrupt JPEG data") || warning.starts_with("Premature end"));
}

}  // namespace

bool is_jpeg(std::string_view bytes) { return bytes.starts_with("\xFF\xD8"); }

std::optional<std::vector<std::uint8_t>> decode_jpeg(std::string_view bytes, PictureSize size, int channels,
                                                     const std::string& name) {
  const std::unique_ptr<void, int (*)(tjhandle)> decoder(tjInitDecompress(), tjDestroy);
  if (!decoder) throw Error(ErrorKind::kInternal, "libturbojpeg", "cannot be started");
  const auto check = [&](int status) {
    if (!is_damage(status, decoder.get())) return;
    throw Error(ErrorKind::kInvalidData, name, std::string("damaged picture: ") + tjGetErrorStr2(decoder.get()));
  };
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  PictureSize found;
  int subsampling = 0, colours = 0;
  check(tjDecompressHeader3(decoder.get(), data, bytes.size(), &found.width, &found.height, &subsampling, &colours));
  if (colours == TJCS_CMYK || colours == TJCS_YCCK) return std::nullopt;
  if (found.width != size.width || found.height != size.height) {
    throw Error(ErrorKind::kInvalidData, name, "damaged picture: it has two sizes");
  }
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(size.height) * size.width * channels);
  check(tjDecompress2(decoder.get(), data, bytes.size(), pixels.data(), size.width, 0, size.height,
                      channels == 1 ? TJPF_GRAY : TJPF_RGB, TJFLAG_LIMITSCANS));
  return pixels;
}

}  // namespace einet::data
