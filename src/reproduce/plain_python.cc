#include "reproduce/plain_python.h"

#include <fcntl.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "einet/error.h"
#include "io/child_process.h"
#include "io/posix.h"

namespace einet::reproduce {
namespace {

/// An open file that is closed and, having no name, gone at the end.
class Unnamed {
 public:
  Unnamed() : file_(std::tmpfile()) {}
  ~Unnamed() {
    if (file_ != nullptr) std::fclose(file_);
  }
  Unnamed(const Unnamed&) = delete;
  Unnamed& operator=(const Unnamed&) = delete;

  bool open() const { return file_ != nullptr; }
  int descriptor() const { return fileno(file_); }
  void write(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), file_);
    std::fflush(file_);
    std::rewind(file_);
  }
  std::string read() {
    std::rewind(file_);
    std::string text;
    std::array<char, 4096> part{};
    for (std::size_t size; (size = std::fread(part.data(), 1, part.size(), file_)) > 0;) text.append(part.data(), size);
    return text;
  }

 private:
  std::FILE* file_;
};

/// Output of `python3 script` with `input` on its standard input; nothing where it cannot be run or fails. Sets
/// `missing` where there is no python3.
std::optional<std::string> run_python(const std::filesystem::path& script, const std::string& input, bool& missing) {
  Unnamed in, out;
  if (!in.open() || !out.open()) return std::nullopt;
  in.write(input);
  const io::Descriptor nothing(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  io::ChildOptions options{.input = in.descriptor(), .output = out.descriptor()};
  if (nothing.valid()) options.error = nothing.get();
  std::optional<int> status;
  try {
    status = io::wait_for_child(io::start_child("python3", {"python3", script.string()}, options));
  } catch (const Error& error) {
    missing = error.kind() == ErrorKind::kNotFound;
    return std::nullopt;
  }
  missing = status && WIFEXITED(*status) && WEXITSTATUS(*status) == 127;
  if (!io::succeeded(status)) return std::nullopt;
  return out.read();
}

}  // namespace

PythonTimes time_plain_python(const measure::PlanningQuestion& question, const std::vector<int>& outputs,
                              int repetitions, const std::filesystem::path& script) {
  PythonTimes result;
  std::error_code error;
  if (!std::filesystem::exists(script, error)) {
    result.problem = "no " + script.string() + " here: run in the source tree";
    return result;
  }
  const nlohmann::json input = {{"conv", question.times.conv},
                                {"branch", question.times.branch},
                                {"scores", question.scores},
                                {"outputs", outputs},
                                {"repetitions", repetitions}};
  bool missing = false;
  const std::optional<std::string> output = run_python(script, input.dump(), missing);
  if (!output) {
    result.problem = missing ? "no python3 found" : "python3 " + script.string() + " failed";
    return result;
  }
  try {
    const nlohmann::json json = nlohmann::json::parse(*output);
    for (const auto& [name, value] : json.items()) {
      if (name == "python") {
        result.version = value.get<std::string>();
        continue;
      }
      result.times[name] = {{value.at("least"), value.at("mean"), value.at("most"), value.at("repetitions")},
                            value.at("value")};
    }
  } catch (const nlohmann::json::exception&) {
    result.times.clear();
    result.problem = "python3 " + script.string() + " printed no times";
  }
  return result;
}

}  // namespace einet::reproduce
