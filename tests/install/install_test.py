"""Installs EINet into an empty directory, with CMake and from the Debian packages, and builds the examples against it
like a user.

Environment: EINET_BUILD_DIR, EINET_SOURCE_DIR, CC, CXX.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["EINET_BUILD_DIR"])
SOURCE = pathlib.Path(os.environ["EINET_SOURCE_DIR"])
CC = os.environ["CC"]
CXX = os.environ["CXX"]
C99 = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror"]
MISUSE = [
    ("a session without a model", "einet::Session session;"),
    ("a copied session", "void f(einet::Session& a) { einet::Session b = a; }"),
    ("an answer used as a number", "int f(const einet::Session& s) { return s.latest(); }"),
    ("a bare number as a deadline", "void f(einet::Session& s, std::vector<float> x) { s.start(x, 3); }"),
    ("a modified model", "void f(std::shared_ptr<const einet::Model> m) { m->labels().clear(); }"),
    ("an internal header", '#include "exec/program.h"'),
]

# Replaces only the two operators that the others call. Blocks of other operators crash in this delete.
OWN_NEW = """
#include <cstdlib>
#include <new>
void* operator new(std::size_t bytes) {
  auto* block = static_cast<std::size_t*>(std::malloc(bytes + 64));
  if (block == nullptr) throw std::bad_alloc();
  block[0] = 0x5eed;
  return block + 8;
}
void operator delete(void* block) noexcept {
  if (block == nullptr) return;
  std::size_t* const whole = static_cast<std::size_t*>(block) - 8;
  if (whole[0] != 0x5eed) std::abort();
  whole[0] = 0;
  std::free(whole);
}
"""


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}: exit status {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


class Installed:
    """Tests of an installation below `prefix`, independent of how it was installed."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        cls.root = pathlib.Path(cls.directory.name)
        cls.prefix = cls.root / "usr"
        cls.install()
        cls.lib = next(cls.prefix.glob("lib*/**/pkgconfig")).parent
        cls.bundle = cls.prefix / "share/einet/bundles/fashion-mnist-msdnet-elastic.einet"
        cls.environment = dict(os.environ, LD_LIBRARY_PATH=str(cls.lib), EINET_CACHE=str(cls.root / "cache"),
                               PKG_CONFIG_PATH=str(cls.lib / "pkgconfig"))

    def check_answer(self, program):
        self.assertRegex(run(program, self.bundle, env=self.environment), r"from exit \d+|no answer yet")

    def test_builds_with_find_package(self):
        build = self.root / "cmake"
        run("cmake", "-S", SOURCE / "examples", "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}",
            f"-DCMAKE_C_COMPILER={CC}", f"-DCMAKE_CXX_COMPILER={CXX}")
        self.assertIn(f"einet_DIR:PATH={self.lib / 'cmake/einet'}\n", (build / "CMakeCache.txt").read_text())
        run("cmake", "--build", build)
        self.check_answer(build / "hello")
        self.check_answer(build / "hello_c")

    def test_builds_with_pkg_config(self):
        program = self.root / "hello"
        flags = run("pkg-config", "--cflags", "--libs", "einet", env=self.environment).split()
        run(CXX, "-std=c++20", SOURCE / "examples/hello.cc", *flags, "-o", program)
        self.check_answer(program)

    def test_builds_with_pkg_config_in_c(self):
        program = self.root / "hello_c"
        flags = run("pkg-config", "--cflags", "--libs", "einet", env=self.environment).split()
        run(CC, *C99, SOURCE / "examples/hello.c", *flags, "-o", program)
        self.check_answer(program)
        self.assertIn((SOURCE / "examples/hello.c").read_text(), (SOURCE / "docs/c.md").read_text())

    def test_running_sessions_do_not_use_the_heap(self):
        program = self.root / "heap_calls"
        flags = run("pkg-config", "--cflags", "--libs", "einet", env=self.environment).split()
        run(CC, "-std=c11", "-O1", "-fno-builtin-malloc", "-I", SOURCE / "tests", SOURCE / "tests/install/heap_calls.c",
            SOURCE / "tests/malloc_calls.c", *flags, "-o", program)
        for sessions in (1, 100):
            self.assertEqual(run(program, self.bundle, sessions, 4, env=self.environment),
                             f"0 calls counted in {4 * sessions} runs, {4 * sessions} with an answer\n")

    def test_a_program_may_replace_operator_new(self):
        program = self.root / "own_new"
        flags = run("pkg-config", "--cflags", "--libs", "einet", env=self.environment).split()
        source = self.root / "own_new.cc"
        source.write_text(OWN_NEW + (SOURCE / "examples/hello.cc").read_text())
        run(CXX, "-std=c++20", source, *flags, "-o", program)
        self.check_answer(program)

    def test_the_installed_command_runs(self):
        self.assertIn("0.", run(self.prefix / "bin/einet", "--version"))
        self.assertIn("exits", run(self.prefix / "bin/einet", "bundle", "info", self.bundle))


class InstallTest(Installed, unittest.TestCase):
    @classmethod
    def install(cls):
        run("cmake", "--install", BUILD, "--prefix", cls.prefix)

    def test_exports_the_functions_of_the_c_header(self):
        header = (self.prefix / "include/einet/einet_c.h").read_text()
        declared = re.findall(r"^EINET_API [^(]*?(einet_\w+)\(", header, re.M)
        stated = re.findall(r"^ +(\w+);", (SOURCE / "cmake/einet.map").read_text(), re.M)
        self.assertEqual(sorted(declared), stated)
        self.assertEqual(sorted(name for name, _ in self.exported_in_c()), stated)

    def test_symbols_of_the_shared_library_have_versions(self):
        if not (self.lib / "libeinet.so").exists():
            self.skipTest("built as a static library")
        self.assertEqual({version for _, version in self.exported_in_c()}, {"EINET_C_0.2"})
        self.assertIn("_ZN5einet7Session5startE", self.symbols())

    def symbols(self):
        shared = self.lib / "libeinet.so"
        if shared.exists():
            return run("nm", "-D", "--defined-only", shared)
        return run("nm", "-g", "--defined-only", self.lib / "libeinet.a")

    def exported_in_c(self):
        """Names and versions."""
        return re.findall(r" T (einet_\w+)(?:@@(\S+))?$", self.symbols(), re.M)

    def test_headers_are_few_and_self_contained(self):
        headers = sorted(self.prefix.glob("include/einet/**/*.h"))
        self.assertLessEqual(len([header for header in headers if header.name != "einet_c.h"]), 15)
        for header in headers:
            for kind, name in re.findall(r'^#include ([<"])([^>"]+)', header.read_text(), re.M):
                if kind == '"':
                    self.assertTrue(name.startswith("einet/") and (self.prefix / "include" / name).exists(), (header, name))
                else:
                    standard = "." not in name or name in ("stddef.h", "stdint.h")
                    self.assertTrue(standard, f"{header} includes <{name}>, which is not part of the standard library")
            source = self.root / "alone.cc"
            source.write_text(f'#include "{header.relative_to(self.prefix / "include")}"\n')
            run(CXX, "-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{self.prefix}/include", source)
        run(CC, *C99, "-x", "c", "-fsyntax-only", f"-I{self.prefix}/include", "-include", "einet/einet_c.h", os.devnull)

    def test_misuse_does_not_compile(self):
        def compiles(code):
            source = self.root / "misuse.cc"
            source.write_text("#include <einet/einet.h>\n#include <vector>\n" + code + "\n")
            return subprocess.run([CXX, "-std=c++20", "-fsyntax-only", f"-I{self.prefix}/include", str(source)],
                                  capture_output=True).returncode == 0

        self.assertTrue(compiles("void f(einet::Session& s, std::vector<float> x) { s.start(x, einet::Seconds(3)); }"))
        for what, code in MISUSE:
            self.assertFalse(compiles(code), what)

    def test_the_manual_has_every_command(self):
        manual = (self.prefix / "share/man/man1/einet.1").read_text()
        commands = re.findall(r"^  ([a-z]+) ", run(self.prefix / "bin/einet", "--help").split("Subcommands:")[1], re.M)
        self.assertGreater(len(commands), 8)
        for command in commands:
            self.assertIn(f".B {command}\n", manual)


@unittest.skipUnless((BUILD / "libeinet.so").exists(), "the Debian packages need the shared library")
@unittest.skipUnless(shutil.which("dpkg-deb"), "needs Debian's tools")
class DebianPackagesTest(Installed, unittest.TestCase):
    @classmethod
    def install(cls):
        run("cpack", "-G", "DEB", "-B", cls.root / "packages", cwd=BUILD)
        cls.packages = {run("dpkg-deb", "-f", deb, "Package").strip(): deb
                        for deb in (cls.root / "packages").glob("*.deb")}
        for deb in cls.packages.values():
            run("dpkg-deb", "-x", deb, cls.root)

    def depends(self, package):
        return run("dpkg-deb", "-f", self.packages[package], "Depends").strip().split(", ")

    def test_the_packages_contain_command_library_and_headers(self):
        python = {"python3-einet"} if (BUILD / "python").exists() else set()
        server = {"einet-server"} if (BUILD / "src/cli/einet-server").exists() else set()
        self.assertEqual(set(self.packages), {"einet", "libeinet-dev"} | python | server)
        version = run("dpkg-deb", "-f", self.packages["einet"], "Version").strip()
        self.assertEqual(self.depends("libeinet-dev"), [f"einet (= {version})"])

    @unittest.skipUnless((BUILD / "src/cli/einet-server").exists(), "needs the server (EINET_SERVER)")
    def test_only_the_server_depends_on_grpc(self):
        stated = {dependency.split()[0] for dependency in self.depends("einet-server")}
        self.assertLessEqual({"einet", "libgrpc++1.51", "libprometheus-cpp-core1.0"}, stated)
        self.assertFalse([dependency for dependency in self.depends("einet") if "grpc" in dependency])
        self.assertIn("--drain", run(self.prefix / "bin/einet", "serve", "--help", env=self.environment))

    @unittest.skipUnless((BUILD / "python").exists(), "needs the Python module (EINET_PYTHON)")
    def test_the_python_package(self):
        stated = {dependency.split()[0] for dependency in self.depends("python3-einet")}
        self.assertLessEqual({"python3", "python3-numpy", "libdnnl2"}, stated)
        program = ("import einet, numpy, sys\n"
                   "session = einet.Session(einet.Model(sys.argv[1]))\n"
                   "print(session.run(numpy.zeros((1, 28, 28), numpy.float32)).label)")
        environment = dict(self.environment, PYTHONPATH=str(self.prefix / "lib/python3/dist-packages"))
        self.assertRegex(run("/usr/bin/python3", "-c", program, self.bundle, env=environment), r"^\d$")

    def test_packages_depend_on_the_packages_of_all_libraries(self):
        stated = {dependency.split()[0] for dependency in self.depends("einet")}
        for file in (self.prefix / "bin/einet", self.lib / "libeinet.so"):
            found = dict(re.findall(r"^\s*(\S+) => (\S+)", run("ldd", file, env=self.environment), re.M))
            needed = re.findall(r"NEEDED +(\S+)", run("objdump", "-p", file))
            self.assertGreater(len(needed), 5, file)
            for name in needed:
                if name in found:  # The loader itself has no path.
                    self.assertIn(owner(found[name]), stated, f"{file} needs {name}")


def owner(library):
    """The package of a shared library, whose path may be recorded below / or /usr."""
    resolved = os.path.realpath(library)
    for path in (library, resolved, resolved.removeprefix("/usr"), "/usr" + resolved):
        done = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    raise AssertionError(f"{library}: not found, or in no package")


if __name__ == "__main__":
    unittest.main()
