# Toolchain of the preset `arm64`: Debian's cross compiler, and the libraries that scripts/make-arm64-sysroot unpacks. Where
# qemu-user is installed, ctest runs the tests with it, as on a Cortex-A72 (NEON, no SVE).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

set(EINET_ARM64_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../build/arm64-sysroot CACHE PATH "Folder made by scripts/make-arm64-sysroot")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES EINET_ARM64_SYSROOT)
if(NOT EXISTS ${EINET_ARM64_SYSROOT}/packages)
  message(FATAL_ERROR "There is no sysroot at ${EINET_ARM64_SYSROOT}: run scripts/make-arm64-sysroot")
endif()
file(REAL_PATH ${EINET_ARM64_SYSROOT} CMAKE_SYSROOT)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)  # protoc runs on the build machine.
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

find_program(EINET_QEMU NAMES qemu-aarch64-static qemu-aarch64)
if(EINET_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${EINET_QEMU} -cpu cortex-a72 -L ${CMAKE_SYSROOT})
endif()
