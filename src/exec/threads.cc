#include "exec/threads.h"

#include <dnnl.hpp>

#include "exec/program.h"

#if DNNL_CPU_THREADING_RUNTIME == DNNL_RUNTIME_OMP
#include <omp.h>
#endif

namespace einet::exec {

void use_threads([[maybe_unused]] int threads) noexcept {
#if DNNL_CPU_THREADING_RUNTIME == DNNL_RUNTIME_OMP
  omp_set_num_threads(threads);
#endif
}

void use_one_thread() noexcept { use_threads(1); }

}  // namespace einet::exec
