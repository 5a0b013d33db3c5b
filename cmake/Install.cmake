# The library that applications link, and the files installed by `cmake --install` and packaged by `cpack`.
#
# libeinet combines the modules that an application needs in one file; the modules themselves are static libraries, which
# the command line and the tests link with all internal symbols. Components: `runtime` (shared library), `devel` (headers,
# CMake package, pkg-config), `tools` (the command, its manual and the shipped bundle), `training` (einet-train), `python`
# (python/CMakeLists.txt).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(OpenMP REQUIRED)
find_package(hwy REQUIRED)

set(library_modules core io graph plan exec profile predict policy measure bundle runtime)
set(objects "")
foreach(module ${library_modules})
  list(APPEND objects $<TARGET_OBJECTS:einet_${module}>)
endforeach()
option(EINET_POOL_NEW "Let libeinet replace operator new, so that running networks do not use the heap (docs/deployment.md)" ON)
if(EINET_POOL_NEW AND NOT EINET_SANITIZE)
  list(APPEND objects $<TARGET_OBJECTS:einet_pool_new_weak>)
endif()
add_library(einet ${objects})  # Shared with BUILD_SHARED_LIBS.
add_library(einet::einet ALIAS einet)
set_target_properties(einet PROPERTIES LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
target_compile_features(einet INTERFACE cxx_std_20)
target_include_directories(einet INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# By name, because an installed package must not contain paths of the build machine.
set(EINET_PRIVATE_LIBRARIES onnx_proto onnx protobuf dnnl hwy zip crypto gomp pthread)
target_link_libraries(einet PRIVATE $<BUILD_INTERFACE:onnx_proto> $<BUILD_INTERFACE:${EINET_DNNL_LIBRARY}>
                                    $<BUILD_INTERFACE:${EINET_LIBZIP}> $<BUILD_INTERFACE:OpenSSL::Crypto>
                                    $<BUILD_INTERFACE:hwy::hwy> $<BUILD_INTERFACE:OpenMP::OpenMP_CXX> $<BUILD_INTERFACE:Threads::Threads>)
set(EINET_SYMBOLS ${PROJECT_SOURCE_DIR}/cmake/einet.map)
target_link_options(einet PRIVATE -Wl,--no-undefined -Wl,--version-script=${EINET_SYMBOLS})
set_target_properties(einet PROPERTIES LINK_DEPENDS ${EINET_SYMBOLS})
if(EINET_SANITIZE)
  target_link_options(einet PUBLIC -fsanitize=${EINET_SANITIZE})
endif()
get_target_property(library_type einet TYPE)
set(EINET_LINK "")
if(library_type STREQUAL "STATIC_LIBRARY")
  list(TRANSFORM EINET_PRIVATE_LIBRARIES PREPEND -l OUTPUT_VARIABLE flags)
  list(JOIN flags " " EINET_LINK)
  string(APPEND EINET_LINK " -lstdc++ -lm")  # For C compilers.
  target_link_libraries(einet INTERFACE $<INSTALL_INTERFACE:${EINET_PRIVATE_LIBRARIES}>)
endif()

install(TARGETS einet EXPORT einet
  LIBRARY COMPONENT runtime NAMELINK_COMPONENT devel
  ARCHIVE COMPONENT devel)
install(DIRECTORY include/einet TYPE INCLUDE COMPONENT devel)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/einet)
install(EXPORT einet NAMESPACE einet:: FILE einetTargets.cmake DESTINATION ${package} COMPONENT devel)
file(WRITE ${PROJECT_BINARY_DIR}/einetConfig.cmake "include(\"\${CMAKE_CURRENT_LIST_DIR}/einetTargets.cmake\")\n")
write_basic_package_version_file(${PROJECT_BINARY_DIR}/einetConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/einetConfig.cmake ${PROJECT_BINARY_DIR}/einetConfigVersion.cmake
  DESTINATION ${package} COMPONENT devel)
# Relative, so that the file is also correct in a package and after moving the directory.
file(RELATIVE_PATH EINET_PREFIX_FROM_PC /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" EINET_PREFIX_FROM_PC "${EINET_PREFIX_FROM_PC}")
configure_file(cmake/einet.pc.in einet.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/einet.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT devel)

install(TARGETS einet_cli COMPONENT tools)
if(EINET_TRAIN)
  install(TARGETS einet_train_cli COMPONENT training)
endif()
install(DIRECTORY bundles/fashion-mnist-msdnet-elastic.einet DESTINATION ${CMAKE_INSTALL_DATADIR}/einet/bundles COMPONENT tools)
install(FILES docs/einet.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT tools)

# cpack -G DEB: einet (command and shared library), libeinet-dev and, if they are built, einet-train and python3-einet.
set(CPACK_PACKAGE_NAME einet)
set(CPACK_PACKAGE_VENDOR "EINet developers")
set(CPACK_PACKAGE_CONTACT "EINet developers <einet@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENT_RUNTIME_GROUP einet)
set(CPACK_COMPONENT_TOOLS_GROUP einet)
set(CPACK_COMPONENT_DEVEL_GROUP devel)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_EINET_PACKAGE_NAME einet)
set(CPACK_DEBIAN_EINET_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_EINET_PACKAGE_SECTION science)
set(CPACK_DEBIAN_EINET_PACKAGE_CONTROL_EXTRA "${PROJECT_BINARY_DIR}/triggers")
file(WRITE ${PROJECT_BINARY_DIR}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_DEVEL_PACKAGE_NAME libeinet-dev)
set(CPACK_DEBIAN_DEVEL_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVEL_PACKAGE_DEPENDS "einet (= ${PROJECT_VERSION})")
if(EINET_TRAIN)
  set(CPACK_COMPONENT_TRAINING_GROUP training)
  set(CPACK_DEBIAN_TRAINING_PACKAGE_NAME einet-train)
  set(CPACK_DEBIAN_TRAINING_PACKAGE_SECTION science)
  set(CPACK_DEBIAN_TRAINING_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_TRAINING_PACKAGE_DEPENDS "einet (= ${PROJECT_VERSION})")
endif()
if(EINET_PYTHON)
  set(CPACK_COMPONENT_PYTHON_GROUP python)
  math(EXPR next_minor "${Python_VERSION_MINOR} + 1")
  set(CPACK_DEBIAN_PYTHON_PACKAGE_NAME python3-einet)
  set(CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
  set(CPACK_DEBIAN_PYTHON_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS "python3-numpy, python3 (>= 3.${Python_VERSION_MINOR}), python3 (<< 3.${next_minor})")
endif()
include(CPack)
