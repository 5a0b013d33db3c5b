#include "runtime/worker_channel.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

// GCC's ThreadSanitizer does not support fences. The two sides of an exchange are different processes, which it cannot
// observe anyway.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wtsan"
#endif

namespace einet {
namespace {

constexpr std::size_t kMostDescriptors = 2;
union ControlBuffer {
  cmsghdr aligned;
  char bytes[CMSG_SPACE(kMostDescriptors * sizeof(int))];
};

}  // namespace

void Message::set_text(std::string_view value) noexcept {
  text.fill('\0');
  std::copy_n(value.begin(), std::min(value.size(), text.size() - 1), text.begin());
}

bool WorkerChannel::send(const Message& message, std::span<const int> descriptors) const noexcept {
  iovec data{const_cast<Message*>(&message), sizeof message};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  ControlBuffer control{};
  if (!descriptors.empty()) {
    const std::size_t bytes = std::min(descriptors.size(), kMostDescriptors) * sizeof(int);
    header.msg_control = control.bytes;
    header.msg_controllen = CMSG_SPACE(bytes);
    cmsghdr* const rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(bytes);
    std::memcpy(CMSG_DATA(rights), descriptors.data(), bytes);
  }
  for (;;) {
    const ssize_t sent = ::sendmsg(socket_.get(), &header, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0 || errno != EINTR) return sent == static_cast<ssize_t>(sizeof message);
  }
}

Received WorkerChannel::receive(Message& message, std::span<std::optional<io::Descriptor>> descriptors) const noexcept {
  iovec data{&message, sizeof message};
  ControlBuffer control{};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes;
  header.msg_controllen = sizeof control.bytes;
  ssize_t received = 0;
  do {
    received = ::recvmsg(socket_.get(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (received < 0 && errno == EINTR);
  if (received < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Received::kNothing : Received::kEnd;
  for (cmsghdr* rights = CMSG_FIRSTHDR(&header); rights != nullptr; rights = CMSG_NXTHDR(&header, rights)) {
    if (rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(rights) + i * sizeof(int), sizeof number);
      io::Descriptor descriptor(number);
      if (i < descriptors.size()) descriptors[i] = std::move(descriptor);
    }
  }
  message.text.back() = '\0';
  const bool ours = received == static_cast<ssize_t>(sizeof message) && message.protocol == kWorkerProtocol;
  return ours ? Received::kMessage : Received::kEnd;
}

io::Descriptor ImageExchange::make_file() {
  io::Descriptor file(::memfd_create("einet-images", MFD_CLOEXEC));
  if (!file.valid()) throw io::io_error("images of the worker", "create");
  return file;
}

ImageExchange::ImageExchange(const io::Descriptor& file, std::size_t values, bool writable)
    : values_(values), bytes_(sizeof(Header) + 2 * values * sizeof(float)) {
  if (const int error = ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes_)); error != 0) {
    errno = error;
    throw io::io_error("images of the worker", "allocate");
  }
  memory_ = ::mmap(nullptr, bytes_, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, file.get(), 0);
  if (memory_ == MAP_FAILED) throw io::io_error("images of the worker", "map");
}

ImageExchange::~ImageExchange() { ::munmap(memory_, bytes_); }

float* ImageExchange::place(std::uint64_t run) const noexcept {
  return reinterpret_cast<float*>(static_cast<char*>(memory_) + sizeof(Header)) + run % 2 * values_;
}

void ImageExchange::write(std::uint64_t run, std::span<const float> image) noexcept {
  static_cast<Header*>(memory_)->run[run % 2].store(run, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  std::copy(image.begin(), image.end(), place(run));
}

bool ImageExchange::read(std::uint64_t run, std::span<float> image) const noexcept {
  std::copy_n(place(run), values_, image.begin());
  std::atomic_thread_fence(std::memory_order_acquire);
  return static_cast<const Header*>(memory_)->run[run % 2].load(std::memory_order_relaxed) == run;
}

}  // namespace einet
