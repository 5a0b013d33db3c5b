#include "data/jpeg.h"

#include <turbojpeg.h>

#include <memory>

#include "einet/error.h"

namespace einet::data {
namespace {

class Decoder {
 public:
  Decoder(std::string_view bytes, const std::string& name)
      : bytes_(reinterpret_cast<const unsigned char*>(bytes.data())), length_(bytes.size()), name_(name) {
    if (!handle_) throw Error(ErrorKind::kInternal, "libturbojpeg", "cannot be initialised");
    int subsampling = 0;
    const int status =
        tjDecompressHeader3(handle_.get(), bytes_, length_, &size_.width, &size_.height, &subsampling, &colours_);
    // libturbojpeg rejects subsampling that it has no name for, but only after reading everything else.
    if (size_.width < 1 || size_.height < 1 || colours_ < 0) fail(status == 0 ? "it contains no picture" : message());
  }

  JpegHeader header() const { return {size_, colours_ == TJCS_GRAY ? 1 : 3}; }
  bool is_for_printers() const { return colours_ == TJCS_CMYK || colours_ == TJCS_YCCK; }

  std::vector<std::uint8_t> pixels(TJPF format) {
    std::vector<std::uint8_t> values(static_cast<std::size_t>(size_.height) * size_.width * tjPixelSize[format]);
    const int status = tjDecompress2(handle_.get(), bytes_, length_, values.data(), size_.width, 0, size_.height,
                                     format, TJFLAG_LIMITSCANS);
    if (status != 0 && is_damage()) fail(message());
    return values;
  }

 private:
  std::string message() const { return tjGetErrorStr2(handle_.get()); }

  /// Whether pixel values were lost; other warnings are about errors that the decoder could correct.
  bool is_damage() const {
    if (tjGetErrorCode(handle_.get()) == TJERR_FATAL) return true;
    const std::string warning = message();
    const bool harmless = warning.find("extraneous bytes") != std::string::npos;
    return !harmless && (warning.starts_with("Corrupt JPEG data") || warning.starts_with("Premature end"));
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw Error(ErrorKind::kInvalidData, name_, "damaged picture: " + why);
  }

  const unsigned char* bytes_;
  unsigned long length_;
  const std::string& name_;
  std::unique_ptr<void, int (*)(tjhandle)> handle_{tjInitDecompress(), tjDestroy};
  PictureSize size_;
  int colours_ = -1;
};

/// Like Pillow: the four values are inverted, as written by Adobe, and black scales the other three.
std::vector<std::uint8_t> rgb_of_cmyk(const std::vector<std::uint8_t>& cmyk) {
  std::vector<std::uint8_t> rgb;
  rgb.reserve(cmyk.size() / 4 * 3);
  for (std::size_t i = 0; i < cmyk.size(); i += 4) {
    const int light = cmyk[i + 3];
    for (int c = 0; c < 3; ++c) {
      const int product = (255 - cmyk[i + c]) * light + 128;
      rgb.push_back(static_cast<std::uint8_t>(light - ((product + (product >> 8)) >> 8)));
    }
  }
  return rgb;
}

}  // namespace

bool is_jpeg(std::string_view bytes) { return bytes.starts_with("\xFF\xD8"); }

JpegHeader jpeg_header(std::string_view bytes, const std::string& name) { return Decoder(bytes, name).header(); }

std::vector<std::uint8_t> decode_jpeg(std::string_view bytes, const std::string& name) {
  Decoder decoder(bytes, name);
  if (decoder.is_for_printers()) return rgb_of_cmyk(decoder.pixels(TJPF_CMYK));
  return decoder.pixels(decoder.header().channels == 1 ? TJPF_GRAY : TJPF_RGB);
}

}  // namespace einet::data
