"""Commands use at most as many threads as processors that the process may use."""
import json
import os
import subprocess
import unittest

from harness import EINET, SHIPPED, CommandTest

BENCH = ["bench", "executor", SHIPPED, "--no-tune", "--budget", "50ms", "--json"]


class Threads(CommandTest):
    def on_processors(self, count, *args):
        """Runs einet on `count` of the processors that this test may use."""
        chosen = sorted(os.sched_getaffinity(0))[:count]
        if len(chosen) < count:
            self.skipTest(f"needs {count} processors")
        done = subprocess.run([EINET, *map(str, args)], cwd=self.dir, capture_output=True, text=True, timeout=300,
                              preexec_fn=lambda: os.sched_setaffinity(0, chosen))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def test_fewer_processors_than_threads(self):
        done = self.on_processors(1, *BENCH, "--threads", 16)
        self.assertEqual(done.stderr, "einet: --threads: 16 requested, but this process may use 1; using 1\n")
        self.assertEqual(json.loads(done.stdout)["threads"], 1)

    def test_the_warning_appears_once_although_the_process_restarts(self):
        done = self.on_processors(2, *BENCH, "--threads", 3)
        usable = json.loads(done.stdout)["threads"]  # 1 if the quota of a container does not allow 2.
        self.assertLessEqual(usable, 2)
        self.assertEqual(done.stderr, f"einet: --threads: 3 requested, but this process may use {usable}; using {usable}\n")

    def test_enough_processors(self):
        done = self.on_processors(1, *BENCH, "--threads", 1)
        self.assertEqual(done.stderr, "")

    def test_a_timing_is_named_after_the_threads_that_it_used(self):
        bundle = self.copy_bundle()
        before = set((bundle / "timing").iterdir())
        self.on_processors(1, "profile", bundle, "--timing-only", "--no-tune", "--budget", "50ms", "--threads", 2)
        for timing in set((bundle / "timing").iterdir()) - before:
            self.assertIn("-1t-f32-", timing.name)
            self.assertEqual(json.loads(timing.read_text())["platform"]["threads"], 1)
        self.assertFalse(list((bundle / "timing").glob("*-2t-*")))


if __name__ == "__main__":
    unittest.main()
