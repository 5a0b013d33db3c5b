"""Shared by the command tests: runs einet in a temporary directory and reads its output."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

EINET = os.environ["EINET"]
EXAMPLES = pathlib.Path(os.environ["EINET_EXAMPLES_DIR"])
SOURCE = pathlib.Path(os.environ["EINET_SOURCE_DIR"])
TRAINS = os.environ.get("EINET_TRAIN", "OFF") == "ON"
PROGRESS = re.compile(r"^[a-z]+ +[0-9.]+ %(  .*)?\n", re.MULTILINE)
NOTE = re.compile(r"^einet: timing: .*\n", re.MULTILINE)
SHIPPED = SOURCE / "bundles" / "fashion-mnist-msdnet.einet"


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="einet-test-"))
        self.addCleanup(shutil.rmtree, self.dir)

    def einet(self, *args, timeout=300, stdin=b""):
        done = subprocess.run([EINET, *map(str, args)], cwd=self.dir, capture_output=True, timeout=timeout, input=stdin)
        done.stdout = done.stdout.decode(errors="replace")
        # Slow work reports its progress.
        done.stderr = PROGRESS.sub("", done.stderr.decode(errors="replace"))
        # The source of the times, on a machine that may have none yet or may be busy.
        done.notes = NOTE.findall(done.stderr)
        done.stderr = NOTE.sub("", done.stderr)
        return done

    def ok(self, *args, **kwargs):
        done = self.einet(*args, **kwargs)
        self.assertEqual(done.returncode, 0, f"{args}: {done.stderr}")
        self.assertEqual(done.stderr, "", "only errors go to stderr")
        return done.stdout

    def json(self, *args, **kwargs):
        return json.loads(self.ok(*args, "--json", **kwargs))

    def fails(self, status, *args, says=(), **kwargs):
        """The command fails with `status` and one line on stderr that contains every word of `says`, and leaves no files."""
        before = self.listing()
        done = self.einet(*args, **kwargs)
        self.assertEqual(done.returncode, status, f"{args}: {done.stdout}{done.stderr}")
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 1, f"one line, not: {done.stderr}")
        self.assertRegex(lines[0], r"^einet: [^:]+.*: .+")
        for word in [says] if isinstance(says, str) else says:
            self.assertIn(word, lines[0])
        self.assertEqual(self.listing(), before, "no partial files")
        return lines[0]

    def listing(self):
        return {str(p.relative_to(self.dir)): p.stat().st_size for p in self.dir.rglob("*")}

    def copy_bundle(self, name="copy.einet"):
        target = self.dir / name
        shutil.copytree(SHIPPED, target)
        return target
