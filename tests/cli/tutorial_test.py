"""Runs docs/tutorial.md: its Python, its commands and its C++ program, in order, in an empty folder."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from harness import EINET, SOURCE

BUILD = os.environ.get("EINET_BUILD_DIR", "")
PYTHON_MODULE = pathlib.Path(BUILD) / "python"  # Built with EINET_PYTHON.


def has_torch():
    return subprocess.run([sys.executable, "-c", "import torch, numpy"], capture_output=True).returncode == 0


@unittest.skipUnless(os.environ.get("EINET_TRAIN") == "ON", "needs training")
@unittest.skipUnless(has_torch(), "needs PyTorch for Python")
class TutorialTest(unittest.TestCase):
    def test_every_step(self):
        text = (pathlib.Path(SOURCE) / "docs/tutorial.md").read_text()
        blocks = re.findall(r"^```(sh|python|cpp)\n(.*?)^```$", text, re.M | re.S)
        self.assertGreater(len(blocks), 6)
        with tempfile.TemporaryDirectory() as directory:
            folder = pathlib.Path(directory)
            (folder / "bin").mkdir()
            (folder / "bin/einet").symlink_to(EINET)
            subprocess.run(["cmake", "--install", BUILD, "--prefix", folder / "usr"], check=True, capture_output=True)
            pkgconfig = next((folder / "usr").glob("lib*/**/pkgconfig"))
            for file in pkgconfig.glob("*.pc"):
                file.write_text(re.sub(r"^prefix=.*", f"prefix={folder}/usr", file.read_text(), flags=re.M))
            environment = dict(os.environ, PATH=f"{folder}/bin:{os.environ['PATH']}", EINET_CACHE=f"{folder}/cache",
                               PYTHONPATH=str(PYTHON_MODULE), PKG_CONFIG_PATH=str(pkgconfig), LD_LIBRARY_PATH=str(pkgconfig.parent))
            environment.pop("EINET_DATA", None)
            for kind, code in blocks:
                if kind == "cpp":
                    (folder / "app.cc").write_text(code)
                    continue
                if "import einet" in code and not PYTHON_MODULE.exists():
                    continue
                command = ["bash", "-euc", code] if kind == "sh" else [sys.executable, "-c", code]
                done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, f"{code}\n{done.stdout}\n{done.stderr}")
            self.assertRegex(done.stdout, r"from exit \d of 4")


if __name__ == "__main__":
    unittest.main()
