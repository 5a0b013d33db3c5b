#pragma once

#include <memory>
#include <string>

namespace at {
class Tensor;
}

namespace einet::train {

/// The processes of a data-parallel training. Each has a rank in [0, size); all execute the same steps, each on its
/// part of every batch. They communicate by Gloo (c10d) over TCP, and add tensors on GPUs by NCCL if libtorch has it
/// and every rank has a GPU of its own.
///
/// Every operation must be called by all ranks in the same order; it throws kIo, naming this rank, if another process
/// has ended or has been silent for ten minutes.
class Ranks {
 public:
  /// This process alone: the operations do nothing.
  Ranks();
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  /// As configured by launchers such as torchrun: WORLD_SIZE processes, of which this one is RANK, meet at
  /// MASTER_ADDR:MASTER_PORT, where rank 0 (or torchrun itself) listens. Without WORLD_SIZE, or if it is 1, this
  /// process is alone. GLOO_SOCKET_IFNAME selects the network interface; by default it is the one that leads to
  /// MASTER_ADDR. Waits for all ranks, at most five minutes. Throws kUsage (a variable is missing or invalid), kIo.
  static std::unique_ptr<Ranks> from_environment();

  int rank() const { return rank_; }
  int size() const { return size_; }
  bool is_first() const { return rank_ == 0; }
  /// "rank 1 of 2", for messages.
  std::string name() const;

  /// Replaces the values of a contiguous tensor by their sums over all ranks, with the same bits on all.
  void add(at::Tensor& values) const;
  /// Replaces the values of a contiguous tensor on the CPU by those of rank 0.
  void broadcast(at::Tensor& values) const;
  void broadcast(std::string& text) const;

 private:
  class Group;
  Ranks(std::unique_ptr<Group> group, int rank, int size);

  std::unique_ptr<Group> group_;  ///< Null if this process is alone.
  int rank_ = 0;
  int size_ = 1;
};

/// LOCAL_WORLD_SIZE, the number of ranks on this machine, as set by launchers; 1 if it is not set. Throws kUsage.
int ranks_on_this_machine();
/// LOCAL_RANK, this rank's number among them, from 0; 0 if it is not set. Throws kUsage.
int rank_on_this_machine();

}  // namespace einet::train
