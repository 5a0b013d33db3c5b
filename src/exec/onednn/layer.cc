#include "exec/onednn/layer.h"

namespace einet::exec {
namespace {

class PrimitiveCall final : public LibraryCall {
 public:
  explicit PrimitiveCall(const dnnl::primitive& primitive) : primitive_(primitive.get()), stream_(cpu()) {}

  void add(int kind, dnnl::memory memory) {
    arguments_.push_back({kind, memory.get()});
    memories_.push_back(std::move(memory));
  }

  // The C interface, because dnnl::primitive::execute() builds a map and a vector of the arguments in every call.
  bool run() noexcept override {
    return dnnl_primitive_execute(primitive_, stream_.get(), static_cast<int>(arguments_.size()), arguments_.data()) ==
           dnnl_success;
  }

 private:
  const_dnnl_primitive_t primitive_;
  dnnl::stream stream_;
  std::vector<dnnl::memory> memories_;
  std::vector<dnnl_exec_arg_t> arguments_;
};

class PrimitiveLayer final : public LibraryLayer {
 public:
  PrimitiveLayer(Primitive made, std::vector<Argument> arguments, Constants constants)
      : primitive_(std::move(made.primitive)),
        scratchpad_(made.scratchpad),
        arguments_(std::move(arguments)),
        constants_(std::move(constants)) {}

  std::int64_t scratchpad_bytes() const override { return static_cast<std::int64_t>(scratchpad_.get_size()); }

  std::unique_ptr<LibraryCall> bind(float* arena, std::byte* scratchpad) const override {
    auto call = std::make_unique<PrimitiveCall>(primitive_);
    for (const Argument& argument : arguments_) {
      call->add(argument.kind, {argument.description, cpu(), arena + argument.offset});
    }
    for (const auto& [kind, memory] : constants_) call->add(kind, memory);
    if (scratchpad_bytes() > 0) call->add(DNNL_ARG_SCRATCHPAD, {scratchpad_, cpu(), scratchpad});
    return call;
  }

 private:
  dnnl::primitive primitive_;
  dnnl::memory::desc scratchpad_;
  std::vector<Argument> arguments_;
  Constants constants_;
};

}  // namespace

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::memory constant(const dnnl::memory::desc& wanted, const dnnl::memory::desc& given, std::vector<float> values,
                      WeightStore& weights) {
  dnnl::memory source(given, cpu(), values.data());
  dnnl::memory result(wanted, cpu(), weights.take(static_cast<std::int64_t>(wanted.get_size())));
  dnnl::stream stream(cpu());
  dnnl::reorder(source, result).execute(stream, source, result);
  stream.wait();
  return result;
}

std::unique_ptr<const LibraryLayer> make_layer(Primitive primitive, std::vector<Argument> arguments,
                                               Constants constants) {
  return std::make_unique<PrimitiveLayer>(std::move(primitive), std::move(arguments), std::move(constants));
}

}  // namespace einet::exec
