#include "train/ranks.h"

#include <ATen/ATen.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>

// Some builds of PyTorch come without Gloo or without its headers.
#if defined(USE_C10D_GLOO) && __has_include(<gloo/algorithm.h>)
#define EINET_GLOO 1
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif
// Builds with CUDA usually have NCCL, whose header CUDA's packages do not always install.
#if defined(EINET_GLOO) && defined(USE_C10D_NCCL) && __has_include(<nccl.h>)
#define EINET_NCCL 1
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include "einet/error.h"

namespace einet::train {
namespace {

constexpr std::chrono::minutes kMeeting{5};
constexpr std::chrono::minutes kSilence{10};

const char* variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

const char* required(const char* name) {
  const char* value = variable(name);
  if (value != nullptr) return value;
  throw Error(ErrorKind::kUsage, name, "is not set, but WORLD_SIZE is; set it as torchrun does");
}

int number(const char* name, const char* text, int least, int most) {
  int value = 0;
  const char* end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, value);
  if (read.ec == std::errc() && read.ptr == end && value >= least && value <= most) return value;
  throw Error(
      ErrorKind::kUsage, name,
      "is '" + std::string(text) + "', must be a number from " + std::to_string(least) + " to " + std::to_string(most));
}

std::string rank_name(int rank, int size) { return "rank " + std::to_string(rank) + " of " + std::to_string(size); }

/// The first line of an error of libtorch, which appends its stack.
std::string reason(const std::exception& error) {
  const auto* of_torch = dynamic_cast<const c10::Error*>(&error);
  const std::string text = of_torch != nullptr ? of_torch->what_without_backtrace() : error.what();
  return text.substr(0, text.find('\n'));
}

/// The address of this machine from which `host` is reached; empty if there is none.
std::string own_address_towards(const std::string& host, int port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_DGRAM;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return "";
  std::string own;
  for (const addrinfo* at = found; at != nullptr && own.empty(); at = at->ai_next) {
    const int socket = ::socket(at->ai_family, SOCK_DGRAM, 0);
    if (socket < 0) continue;
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    char text[NI_MAXHOST];
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    // Connecting a datagram socket selects the route and sends nothing.
    if (connect(socket, at->ai_addr, at->ai_addrlen) == 0 && getsockname(socket, plain, &length) == 0 &&
        getnameinfo(plain, length, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0) {
      own = text;
    }
    close(socket);
  }
  freeaddrinfo(found);
  return own;
}

c10::intrusive_ptr<c10d::Store> open_store(const std::string& host, int port, int rank, int size) {
  // torchrun listens itself and starts the processes again after a failure; each attempt has keys of its own.
  const char* agent = variable("TORCHELASTIC_USE_AGENT_STORE");
  const bool by_agent = agent != nullptr && std::string(agent) == "True";
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(port);
  options.isServer = rank == 0 && !by_agent;
  options.numWorkers = static_cast<std::size_t>(size);
  options.waitWorkers = false;  // The group's own meeting, which follows, waits and has the same limit.
  options.timeout = kMeeting;
  c10::intrusive_ptr<c10d::Store> store = c10::make_intrusive<c10d::TCPStore>(host, options);
  if (!by_agent) return store;
  const char* attempt = variable("TORCHELASTIC_RESTART_COUNT");
  return c10::make_intrusive<c10d::PrefixStore>("/worker/attempt_" + std::string(attempt != nullptr ? attempt : "0"),
                                                store);
}

}  // namespace

class Ranks::Group {
 public:
  Group(const std::string& host, int port, int rank, int size)
      : store_(open_store(host, port, rank, size)), gloo_(store_, rank, size, options(host, port)) {}

  void add(at::Tensor& values) {
    std::vector<at::Tensor> tensors = {values};
    if (!values.is_cuda()) {
      gloo_.allreduce(tensors)->wait();
    } else if (has_nccl()) {
      add_by_nccl(tensors);
    } else {
      tensors = {values.cpu()};
      gloo_.allreduce(tensors)->wait();
      values.copy_(tensors.front());
    }
  }
  void broadcast(at::Tensor& values) {
    std::vector<at::Tensor> tensors = {values};
    gloo_.broadcast(tensors)->wait();
  }

 private:
  static c10::intrusive_ptr<c10d::ProcessGroupGloo::Options> options(const std::string& host, int port) {
    auto options = c10d::ProcessGroupGloo::Options::create(kSilence);
    const std::string own = own_address_towards(host, port);
    if (const char* interface = variable("GLOO_SOCKET_IFNAME")) {
      options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForInterface(interface));
    } else if (!own.empty()) {
      options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(own));
    } else {
      options->devices.push_back(c10d::ProcessGroupGloo::createDefaultDevice());
    }
    options->threads = 1;  // There is one operation at a time.
    return options;
  }

#ifdef EINET_NCCL
  /// Whether every rank has a GPU of its own, as NCCL requires. Asked by all ranks, with their first tensor on a GPU.
  bool has_nccl() {
    if (!asked_) {
      asked_ = true;
      const bool own = ranks_on_this_machine() <= static_cast<int>(at::getNumGPUs());
      std::vector<at::Tensor> able = {at::tensor(std::int64_t{own ? 1 : 0})};
      gloo_.allreduce(able)->wait();
      if (able.front().item<std::int64_t>() == gloo_.getSize()) {
        setenv("NCCL_BLOCKING_WAIT", "1", 0);  // wait() then reports that a process ended.
        auto options = c10d::ProcessGroupNCCL::Options::create();
        options->timeout = kSilence;
        nccl_ = c10::make_intrusive<c10d::ProcessGroupNCCL>(c10::make_intrusive<c10d::PrefixStore>("nccl", store_),
                                                            gloo_.getRank(), gloo_.getSize(), options);
      }
    }
    return nccl_.defined();
  }
  void add_by_nccl(std::vector<at::Tensor>& tensors) { nccl_->allreduce(tensors)->wait(); }
#else
  static bool has_nccl() { return false; }
  static void add_by_nccl(std::vector<at::Tensor>& /*tensors*/) {}
#endif

  c10::intrusive_ptr<c10d::Store> store_;
  c10d::ProcessGroupGloo gloo_;
#ifdef EINET_NCCL
  c10::intrusive_ptr<c10d::ProcessGroupNCCL> nccl_;
  bool asked_ = false;
#endif
};

Ranks::Ranks() = default;
Ranks::~Ranks() = default;
Ranks::Ranks(std::unique_ptr<Group> group, int rank, int size) : group_(std::move(group)), rank_(rank), size_(size) {}

std::unique_ptr<Ranks> Ranks::from_environment() {
  constexpr int kMostRanks = 1 << 20;
  const char* world = variable("WORLD_SIZE");
  const int size = world != nullptr ? number("WORLD_SIZE", world, 1, kMostRanks) : 1;
  if (size == 1) return std::make_unique<Ranks>();
  const int rank = number("RANK", required("RANK"), 0, size - 1);
  const std::string host = required("MASTER_ADDR");
  const int port = number("MASTER_PORT", required("MASTER_PORT"), 1, 65535);
  try {
    return std::unique_ptr<Ranks>(new Ranks(std::make_unique<Group>(host, port, rank, size), rank, size));
  } catch (const std::exception& error) {
    throw Error(ErrorKind::kIo, rank_name(rank, size),
                "could not meet the other processes at " + host + ":" + std::to_string(port) + ": " + reason(error));
  }
}

std::string Ranks::name() const { return rank_name(rank_, size_); }

namespace {

template <class Operation>
void perform(const Ranks& ranks, Operation operation) {
  try {
    operation();
  } catch (const std::exception& error) {
    throw Error(ErrorKind::kIo, ranks.name(), "another process of this training ended or is silent: " + reason(error));
  }
}

}  // namespace

void Ranks::add(at::Tensor& values) const {
  if (group_ == nullptr || values.numel() == 0) return;
  perform(*this, [&] { group_->add(values); });
}

void Ranks::broadcast(at::Tensor& values) const {
  if (group_ == nullptr || values.numel() == 0) return;
  perform(*this, [&] { group_->broadcast(values); });
}

void Ranks::broadcast(std::string& text) const {
  at::Tensor size = at::tensor(std::vector<std::int64_t>{static_cast<std::int64_t>(text.size())});
  broadcast(size);
  text.resize(size.item<std::int64_t>());
  at::Tensor bytes = at::from_blob(text.data(), {static_cast<std::int64_t>(text.size())}, at::kByte);
  broadcast(bytes);
}

namespace {

constexpr int kMostLocalRanks = 65536;

}  // namespace

int ranks_on_this_machine() {
  const char* text = variable("LOCAL_WORLD_SIZE");
  return text != nullptr ? number("LOCAL_WORLD_SIZE", text, 1, kMostLocalRanks) : 1;
}

int rank_on_this_machine() {
  const char* text = variable("LOCAL_RANK");
  return text != nullptr ? number("LOCAL_RANK", text, 0, kMostLocalRanks - 1) : 0;
}

}  // namespace einet::train
