"""Runs the Python of docs/python.md in order, as one program."""
import os
import re
import subprocess
import sys
import textwrap

from bundles import SOURCE, PythonTest, unittest


class DocumentationTest(PythonTest):
    def test_every_block(self):
        text = (SOURCE / "docs/python.md").read_text()
        blocks = [textwrap.dedent(block) for block in re.findall(r"^ *```python\n(.*?)^ *```$", text, re.M | re.S)]
        self.assertGreater(len(blocks), 4)
        slot = f"/dev/shm/einet-example-{os.getpid()}"
        self.addCleanup(lambda: os.path.exists(slot) and os.remove(slot))
        program = "\n".join(blocks).replace("/dev/shm/einet-example", slot)
        done = subprocess.run([sys.executable, "-c", program], cwd=SOURCE, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("static-optimal", done.stdout)
        self.assertIn("missing.einet", done.stdout)

    def test_the_stub_has_every_name(self):
        import einet

        stub = (SOURCE / "python/einet/__init__.pyi").read_text()
        for name in einet.__all__:
            self.assertRegex(stub, rf"(?m)^(class|def) {name}\b", name)
            value = getattr(einet, name)
            if isinstance(value, type) and name not in ("Error", "ErrorKind"):
                for member in vars(value):
                    if not member.startswith("_"):
                        self.assertRegex(stub, rf"(?m)^    (def )?{member}\b", f"{name}.{member}")


if __name__ == "__main__":
    unittest.main()
