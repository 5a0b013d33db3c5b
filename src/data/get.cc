/// Fetches a dataset: looks for every official file at the place given by the user, in each form in which it is
/// published or commonly stored (plain, .gz, inside the official archive). A split is verified as a whole before any of
/// its files is written.

#include "data/dataset.h"
#include "data/gzip.h"
#include "data/source.h"
#include "data/specification.h"
#include "data/tar.h"
#include "einet/error.h"
#include "io/file.h"

namespace einet::data {
namespace fs = std::filesystem;
namespace {

/// The largest archive of all datasets has 170 MB compressed, 184 MB uncompressed.
constexpr std::uint64_t kMaxArchiveBytes = std::uint64_t{1} << 29;

bool is_url(std::string_view text) { return text.find("://") != std::string_view::npos; }

/// Reads files by name from a folder or from a URL prefix.
class Origin {
 public:
  explicit Origin(std::string from) : from_(std::move(from)) {
    while (from_.size() > 1 && from_.back() == '/') from_.pop_back();
    if (!is_url(from_) && !fs::is_directory(from_)) {
      throw Error(ErrorKind::kNotFound, from_, "neither a folder nor a URL");
    }
  }

  /// Empty if there is no such file.
  std::optional<std::string> read(const std::string& name, std::uint64_t max_bytes) const {
    if (is_url(from_)) return download(address(name), max_bytes);
    if (!fs::exists(address(name))) return std::nullopt;
    return io::read_file(address(name), max_bytes);
  }

  std::string address(const std::string& name) const { return from_ + "/" + name; }
  const std::string& name() const { return from_; }

 private:
  std::string from_;
};

class Fetcher {
 public:
  Fetcher(const Specification& spec, std::string_view from) : spec_(spec), origin_(std::string(from)) {}

  /// Contents of one official file.
  std::string fetch(const OfficialFile& file) {
    // One byte more than the official size is accepted, so that verification can report a wrong size.
    const std::uint64_t limit = file.bytes + 1;
    for (const std::string& name : {file.name, spec_.folder + "/" + file.name}) {
      // gzip enlarges incompressible data by less than a thousandth.
      if (auto bytes = origin_.read(name + ".gz", limit + limit / 1000 + 1024)) {
        return gunzip(*bytes, origin_.address(name + ".gz"), limit);
      }
      if (auto bytes = origin_.read(name, limit)) return *std::move(bytes);
    }
    if (auto bytes = from_archive(file)) return *std::move(bytes);
    throw Error(ErrorKind::kNotFound, origin_.address(file.name),
                "no such file, nor " + file.name + ".gz" + (spec_.archive.empty() ? "" : ", nor " + spec_.archive));
  }

 private:
  /// The archive is read only once for all its files.
  std::optional<std::string> from_archive(const OfficialFile& file) {
    if (spec_.archive.empty()) return std::nullopt;
    if (archive_.empty()) {
      const std::optional<std::string> bytes = origin_.read(spec_.archive, kMaxArchiveBytes);
      if (!bytes) return std::nullopt;
      archive_ = is_gzip(*bytes) ? gunzip(*bytes, origin_.address(spec_.archive), kMaxArchiveBytes) : *bytes;
    }
    return read_tar_file(archive_, spec_.folder + "/" + file.name, origin_.address(spec_.archive));
  }

  const Specification& spec_;
  Origin origin_;
  std::string archive_;
};

/// Whether all files of a split are in `folder` and valid.
bool already_valid(const Specification& spec, Split split, const fs::path& folder) {
  std::vector<std::string> files;
  for (const OfficialFile& file : spec.of(split)) {
    const fs::path path = folder / file.name;
    if (!fs::is_regular_file(path) || fs::file_size(path) != file.bytes) return false;
    files.push_back(io::read_file(path));
  }
  try {
    verify_split(spec, split, files, folder.string());
  } catch (const Error&) {
    return false;
  }
  return true;
}

std::string default_origin(const Specification& spec) {
  const fs::path packaged = packaged_folder(spec);
  if (!packaged.empty() && fs::is_directory(packaged)) return packaged.string();
  throw Error(ErrorKind::kUsage, "dataset " + spec.name,
              packaged.empty() ? "give --from: a folder with the official files, or their URL prefix"
                               : "give --from (a folder or URL), or install the package dataset-" + spec.name);
}

}  // namespace

void get_dataset(std::string_view name, const fs::path& directory, std::string_view from) {
  const Specification& spec = specification(name);
  const fs::path folder = directory / spec.folder;
  std::optional<Fetcher> fetcher;
  for (const Split split : {Split::kTrain, Split::kTest}) {
    if (already_valid(spec, split, folder)) continue;
    io::check_output_folder(folder);
    if (!fetcher) fetcher.emplace(spec, from.empty() ? default_origin(spec) : std::string(from));
    std::vector<std::string> files;
    for (const OfficialFile& file : spec.of(split)) files.push_back(fetcher->fetch(file));
    verify_split(spec, split, files, from.empty() ? default_origin(spec) : std::string(from));
    io::create_folders(folder);
    for (std::size_t i = 0; i < files.size(); ++i) io::write_file(folder / spec.of(split)[i].name, files[i]);
  }
}

}  // namespace einet::data
