#include "io/npz.h"

#include <zip.h>

#include <memory>

#include "einet/error.h"
#include "io/file.h"

namespace einet::io {
namespace {

constexpr std::string_view kNpySuffix = ".npy";
constexpr std::size_t kLargestArchive = std::size_t{4} << 30;  // Bytes of all arrays together, unpacked.

[[noreturn]] void fail(const std::string& name, const std::string& why) {
  throw Error(ErrorKind::kInvalidData, name, why);
}

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using Entry = std::unique_ptr<zip_file_t, Discard>;
using Source = std::unique_ptr<zip_source_t, Discard>;

Source source_over(std::string_view bytes, const std::string& name) {
  zip_error_t error;
  zip_error_init(&error);
  Source source(zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error));
  if (!source) fail(name, zip_error_strerror(&error));
  return source;
}

// The archive takes its own reference to `source`.
Archive open_archive(const Source& source, int flags, const std::string& name) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_keep(source.get());
  Archive archive(zip_open_from_source(source.get(), flags, &error));
  if (!archive) {
    zip_source_free(source.get());
    const std::string why = zip_error_strerror(&error);
    zip_error_fini(&error);
    fail(name, "is not a readable .npz archive: " + why);
  }
  return archive;
}

// Reads in steps: the stated size cannot be trusted, so it must not determine an allocation.
std::string unpack(zip_t* archive, zip_uint64_t index, const std::string& name, std::size_t budget) {
  const Entry entry(zip_fopen_index(archive, index, 0));
  if (!entry) fail(name, std::string("cannot be unpacked: ") + zip_strerror(archive));
  std::string bytes;
  std::string step(std::size_t{1} << 16, '\0');
  while (true) {
    const zip_int64_t count = zip_fread(entry.get(), step.data(), step.size());
    if (count < 0) fail(name, std::string("is damaged: ") + zip_file_strerror(entry.get()));
    if (count == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(count) > budget) fail(name, "is too large when unpacked");
    bytes.append(step.data(), static_cast<std::size_t>(count));
  }
}

// The bytes of a finished archive.
std::string content(const Source& source, const std::string& name) {
  zip_stat_t status;
  zip_stat_init(&status);
  if (zip_source_stat(source.get(), &status) != 0 || zip_source_open(source.get()) != 0) fail(name, "cannot be packed");
  std::string bytes(status.size, '\0');
  const zip_int64_t count = zip_source_read(source.get(), bytes.data(), bytes.size());
  zip_source_close(source.get());
  if (count != static_cast<zip_int64_t>(bytes.size())) fail(name, "cannot be packed");
  return bytes;
}

}  // namespace

std::map<std::string, NpyArray> parse_npz(std::string_view bytes, const std::string& name) {
  if (bytes.empty())
    fail(name, "is not a readable .npz archive: it is empty");  // libzip accepts it as an archive without files.
  const Source source = source_over(bytes, name);
  const Archive archive = open_archive(source, ZIP_RDONLY | ZIP_CHECKCONS, name);

  std::map<std::string, NpyArray> arrays;
  std::size_t budget = kLargestArchive;
  const zip_int64_t entries = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < entries; ++i) {
    const char* raw_name = zip_get_name(archive.get(), static_cast<zip_uint64_t>(i), 0);
    const std::string file = raw_name == nullptr ? "" : raw_name;
    const std::string where = name + "(" + file + ")";
    if (!file.ends_with(kNpySuffix)) fail(where, "is not a .npy array");
    const std::string unpacked = unpack(archive.get(), static_cast<zip_uint64_t>(i), where, budget);
    budget -= unpacked.size();
    const std::string key = file.substr(0, file.size() - kNpySuffix.size());
    if (!arrays.emplace(key, parse_npy(unpacked, where)).second) fail(where, "occurs twice");
  }
  return arrays;
}

std::string format_npz(const std::map<std::string, NpyArray>& arrays, const std::string& name) {
  const Source source = source_over({}, name);
  Archive archive = open_archive(source, ZIP_TRUNCATE, name);

  std::vector<std::string> files;  // Borrowed by the archive until it is closed.
  files.reserve(arrays.size());
  for (const auto& [key, array] : arrays) {
    files.push_back(format_npy(array));
    zip_source_t* file = zip_source_buffer(archive.get(), files.back().data(), files.back().size(), 0);
    const zip_int64_t index =
        file == nullptr ? -1
                        : zip_file_add(archive.get(), (key + std::string(kNpySuffix)).c_str(), file, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(file);
      fail(name, std::string("cannot be packed: ") + zip_strerror(archive.get()));
    }
    const auto entry = static_cast<zip_uint64_t>(index);
    // The earliest zip date, 1980-01-01, instead of the current time, so that equal arrays give equal bytes.
    constexpr zip_uint16_t kFirstDay = (1 << 5) | 1;
    if (zip_set_file_compression(archive.get(), entry, ZIP_CM_DEFLATE, 9) != 0 ||
        zip_file_set_dostime(archive.get(), entry, 0, kFirstDay, 0) != 0) {
      fail(name, std::string("cannot be packed: ") + zip_strerror(archive.get()));
    }
  }
  if (arrays.empty()) fail(name, "an archive needs at least one array");
  if (zip_close(archive.get()) != 0) fail(name, std::string("cannot be packed: ") + zip_strerror(archive.get()));
  (void)archive.release();  // zip_close() has freed it.
  return content(source, name);
}

std::map<std::string, NpyArray> read_npz(const std::filesystem::path& path) {
  return parse_npz(read_file(path), path.string());
}

void write_npz(const std::filesystem::path& path, const std::map<std::string, NpyArray>& arrays) {
  write_file(path, format_npz(arrays, path.string()));
}

}  // namespace einet::io
