"""Compares the includes of every module with the dependencies that CMake and ARCHITECTURE.md state.

Environment: EINET_SOURCE_DIR.
"""

import os
import pathlib
import re
import unittest

SOURCE = pathlib.Path(os.environ["EINET_SOURCE_DIR"])
# The modules that the public headers belong to.
PUBLIC = {"api": "core", "error": "core", "time": "core", "preprocessing": "core", "precision": "exec", "plan": "plan",
          "planner": "plan", "distribution": "plan", "policy": "policy", "answer": "policy",
          "model": "runtime", "session": "runtime", "shared_slot": "runtime", "supervisor": "runtime", "einet": "runtime", "einet_c": "runtime"}


def modules():
    """All modules, lowest first."""
    text = (SOURCE / "CMakeLists.txt").read_text()
    return re.search(r"foreach\(module ([a-z_ ]+)\)", text).group(1).split()


def documented(module):
    """The dependencies of `module` in its CMakeLists.txt."""
    text = (SOURCE / "src" / module / "CMakeLists.txt").read_text()
    if module == "cli":
        return set(re.findall(r"einet::(\w+)", text)) - {"pool_new", "heap_counter"}
    depends = re.search(r"einet_module\([^)]*?DEPENDS ([a-z_ ]+)", text)
    return set(depends.group(1).split()) if depends else set()


def includes(module):
    """The modules whose headers `module` includes, each with one such file."""
    found = {}
    for path in sorted((SOURCE / "src" / module).rglob("*")):
        if path.suffix not in (".cc", ".h", ".in"):
            continue
        for folder, name in re.findall(r'^#include "(\w+)/([^"]+)"', path.read_text(), re.M):
            owner = PUBLIC[name.removesuffix(".h")] if folder == "einet" else folder
            found.setdefault(owner, path.relative_to(SOURCE))
    found.pop(module, None)
    return found


class ModulesTest(unittest.TestCase):
    def test_every_include_is_a_documented_dependency(self):
        order = modules()
        for module in order:
            reachable, todo = set(), [module]
            while todo:  # The command line links the top modules only.
                for name in documented(todo.pop()) - reachable:
                    reachable.add(name)
                    todo.append(name)
            allowed = reachable if module == "cli" else documented(module)
            for owner, path in includes(module).items():
                self.assertIn(owner, order, f"{path}: '{owner}' is not a module")
                self.assertIn(owner, allowed, f"{path} includes {owner}, on which {module} does not depend")
                self.assertLess(order.index(owner), order.index(module), f"{path}: {owner} is above {module}")

    def test_every_documented_dependency_is_used(self):
        for module in modules():
            if module != "cli":
                self.assertEqual(documented(module) - set(includes(module)), set(), module)

    def test_the_documentation_has_the_same_modules(self):
        table = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", (SOURCE / "ARCHITECTURE.md").read_text(), re.M)
        names = [name for row in table for name in re.findall(r"`(\w+)`", row)]
        self.assertEqual(sorted(names), sorted(modules()))

    def test_every_public_header_has_a_module(self):
        self.assertEqual({path.stem for path in (SOURCE / "include/einet").glob("*.h")}, set(PUBLIC))


if __name__ == "__main__":
    unittest.main()
