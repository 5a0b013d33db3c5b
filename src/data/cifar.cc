#include "data/cifar.h"

#include "einet/error.h"

namespace einet::data {

void parse_cifar(std::string_view bytes, int label_bytes, int classes, const std::string& name,
                 std::vector<std::uint8_t>& pixels, std::vector<std::int32_t>& labels) {
  constexpr std::size_t kPixels = 3 * 32 * 32;
  const std::size_t record = label_bytes + kPixels;
  if (bytes.empty() || bytes.size() % record != 0) {
    throw Error(ErrorKind::kInvalidData, name,
                std::to_string(bytes.size()) + " bytes are not a whole number of records of " + std::to_string(record));
  }
  for (std::size_t at = 0; at < bytes.size(); at += record) {
    const int label = static_cast<unsigned char>(bytes[at + label_bytes - 1]);
    if (label >= classes) {
      throw Error(ErrorKind::kInvalidData, name,
                  "record " + std::to_string(at / record) + " has label " + std::to_string(label) + " of " +
                      std::to_string(classes) + " classes");
    }
    labels.push_back(label);
    const std::string_view image = bytes.substr(at + label_bytes, kPixels);
    pixels.insert(pixels.end(), image.begin(), image.end());
  }
}

}  // namespace einet::data
