#include "cli/companion.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "einet/error.h"

namespace einet::cli {
namespace {

namespace fs = std::filesystem;

fs::path beside_this_program(const std::string& name) {
  return fs::read_symlink("/proc/self/exe").parent_path() / name;
}

}  // namespace

bool Companion::exists() const { return fs::exists(beside_this_program(program)); }

void Companion::run(const std::vector<std::string>& command, const std::vector<std::string>& arguments) const {
  if (!exists()) {
    std::string name;
    for (const std::string& word : command) name += (name.empty() ? "" : " ") + word;
    throw Error(ErrorKind::kUnsupported, name, missing);
  }
  const std::string path = beside_this_program(program).string();
  std::vector<std::string> words{path};
  words.insert(words.end(), command.begin(), command.end());
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execv(path.c_str(), argv.data());
  throw Error(ErrorKind::kIo, path, std::strerror(errno));
}

const Companion& training() {
  static const Companion kTraining{
      "einet-train", "this einet was built without training; build it with -DEINET_TRAIN=ON, which needs libtorch"};
  return kTraining;
}

const Companion& server() {
  static const Companion kServer{
      "einet-server", "einet-server does not exist; install the package einet-server, or build with -DEINET_SERVER=ON"};
  return kServer;
}

}  // namespace einet::cli
