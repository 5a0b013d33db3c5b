#include <dnnl.hpp>

#include "einet/exec/program.h"

#if DNNL_CPU_THREADING_RUNTIME == DNNL_RUNTIME_OMP
#include <omp.h>
#endif

namespace einet::exec {

void use_one_thread() noexcept {
#if DNNL_CPU_THREADING_RUNTIME == DNNL_RUNTIME_OMP
  omp_set_num_threads(1);
#endif
}

}  // namespace einet::exec
