#include "data/folder_listing.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "einet/error.h"
#include "io/sha256.h"

namespace einet::data {
namespace fs = std::filesystem;
namespace {

constexpr std::array kTestFolders{"test", "val", "valid", "validation"};

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

/// The files or folders in a folder that are not hidden, sorted by name.
std::vector<fs::path> entries(const fs::path& folder, bool folders) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_directory() == folders && !is_hidden(entry.path())) found.push_back(entry.path());
  }
  if (error) throw Error(ErrorKind::kNotFound, folder.string(), "is not a readable folder (" + error.message() + ")");
  std::ranges::sort(found);
  return found;
}

/// Whether it contains folders; images without labels would be in the folder itself.
bool has_class_folders(const fs::path& folder) { return fs::is_directory(folder) && !entries(folder, true).empty(); }

std::vector<std::string> class_names(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::path& path : entries(folder, true)) names.push_back(path.filename().string());
  if (names.size() < 2) {
    throw Error(ErrorKind::kInvalidData, folder.string(),
                std::to_string(names.size()) + " class folders; a classifier needs two");
  }
  return names;
}

std::vector<fs::path> images_of(const fs::path& class_folder) {
  std::vector<fs::path> images = entries(class_folder, false);
  if (images.empty()) throw Error(ErrorKind::kNotFound, class_folder.string(), "no image in this class");
  return images;
}

/// The first of kTestFolders that contains a class of the training images, otherwise the first that contains any
/// folder. If some were skipped because they have no class folders, `listing` names one.
fs::path test_folder(const fs::path& folder, Listing& listing) {
  fs::path of_other_classes;
  for (const char* name : kTestFolders) {
    fs::path path = folder / name;
    if (!fs::is_directory(path)) continue;
    const std::vector<fs::path> classes = entries(path, true);
    const bool labelled = std::ranges::any_of(classes, [&](const fs::path& found) {
      return std::ranges::find(listing.classes, found.filename().string()) != listing.classes.end();
    });
    if (labelled) return path;
    if (classes.empty() && listing.unlabelled.empty()) listing.unlabelled = name;
    if (!classes.empty() && of_other_classes.empty()) of_other_classes = path;
  }
  if (!of_other_classes.empty()) return of_other_classes;
  throw Error(ErrorKind::kNotFound, folder.string(),
              "no folder of test images (looked for test/, val/, valid/ and validation/" +
                  (listing.unlabelled.empty() ? "" : "; " + listing.unlabelled + "/ has no class folders") +
                  "); use --split 0.8 to hold out a part of the training images");
}

std::vector<ImageFile> list_files(const fs::path& folder, const std::vector<std::string>& classes) {
  std::vector<ImageFile> files;
  for (const fs::path& path : entries(folder, true)) {
    const auto label = std::ranges::find(classes, path.filename().string());
    if (label == classes.end()) {
      throw Error(ErrorKind::kInvalidData, path.string(), "no class of this name among the training images");
    }
    for (const fs::path& image : images_of(path)) {
      files.push_back({image, static_cast<std::int32_t>(label - classes.begin())});
    }
  }
  return files;
}

/// The folder of class folders to divide.
fs::path undivided(const fs::path& folder) {
  const bool has_train = has_class_folders(folder / "train");
  for (const char* name : kTestFolders) {
    const fs::path path = folder / name;
    if (has_train ? has_class_folders(path) : fs::is_directory(path)) {
      throw Error(
          ErrorKind::kUsage, "--split",
          path.string() + (has_train ? " already contains the test images"
                                     : " is not a class; --split divides a folder that contains only class folders"));
    }
  }
  return has_train ? folder / "train" : folder;
}

/// The images of one side, for each class. The rank of a hash of its name determines the side of an image, so that
/// adding an image moves at most one other to the other side.
std::vector<ImageFile> divided(const fs::path& folder, const std::vector<std::string>& classes, Split split,
                               const HoldOut& hold_out) {
  std::vector<ImageFile> files;
  for (std::size_t label = 0; label < classes.size(); ++label) {
    std::vector<std::pair<std::string, fs::path>> ranked;
    for (fs::path& image : images_of(folder / classes[label])) {
      const std::string key = std::to_string(hold_out.seed) + "/" + classes[label] + "/" + image.filename().string();
      ranked.emplace_back(io::sha256(key), std::move(image));
    }
    if (ranked.size() < 2) {
      throw Error(ErrorKind::kInvalidData, (folder / classes[label]).string(),
                  "only one image; --split needs two of each class, one for training and one for testing");
    }
    std::ranges::sort(ranked);
    const auto count = static_cast<std::ptrdiff_t>(ranked.size());
    const std::ptrdiff_t training =
        std::clamp<std::ptrdiff_t>(std::llround(hold_out.train_share * static_cast<double>(count)), 1, count - 1);
    const auto begin = ranked.begin() + (split == Split::kTrain ? 0 : training);
    const auto end = split == Split::kTrain ? ranked.begin() + training : ranked.end();
    for (auto image = begin; image != end; ++image) {
      files.push_back({std::move(image->second), static_cast<std::int32_t>(label)});
    }
  }
  return files;
}

}  // namespace

Listing list_folder(const fs::path& folder, Split split, const std::optional<HoldOut>& hold_out) {
  Listing listing;
  if (hold_out) {
    const fs::path root = undivided(folder);
    listing.classes = class_names(root);
    listing.files = divided(root, listing.classes, split, *hold_out);
    listing.folder = root;
    return listing;
  }
  if (!fs::is_directory(folder / "train") && has_class_folders(folder)) {
    throw Error(ErrorKind::kNotFound, (folder / "train").string(),
                "no folder of this name; use --split 0.8 to divide a folder that contains only class folders");
  }
  listing.classes = class_names(folder / "train");
  listing.folder = split == Split::kTrain ? folder / "train" : test_folder(folder, listing);
  listing.taken = listing.folder.filename().string();
  listing.files = list_files(listing.folder, listing.classes);
  return listing;
}

}  // namespace einet::data
