"""Training that is killed, for real, and goes on; checkpoints and options that do not fit."""
import os
import signal
import stat
import subprocess
import time
import unittest

from harness import EINET, TRAINS, CommandTest

SMALL = ["--set", "blocks=3", "--set", "channels=4", "--set", "growth=2", "--input", "1x28x28"]
TRAIN = ["--data", "fashion-mnist", "--batch", "64", "--epochs", "2", "--precision", "f32", "--threads", "1",
         "--checkpoint-seconds", "0.05"]


@unittest.skipUnless(TRAINS, "this build has no training")
class TrainTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.ok("model", "build", "msdnet", *SMALL, "-o", "net.onnx")

    def kill_in_the_middle_of_an_epoch(self, *args):
        """Starts a training, waits for its second checkpoint within an epoch, and kills it."""
        process = subprocess.Popen([EINET, *args], cwd=self.dir, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        checkpoint = self.dir / "killed" / "checkpoint.npz"
        seen, until = set(), time.monotonic() + 200
        while len(seen) < 2 and process.poll() is None and time.monotonic() < until:
            if checkpoint.exists():
                seen.add(checkpoint.stat().st_mtime_ns)
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        self.assertEqual(process.wait(), -signal.SIGKILL, "it was still running")
        self.assertFalse((self.dir / "killed.onnx").exists())

    def test_killed_and_resumed_is_bit_for_bit_the_same(self):
        self.ok("train", "net.onnx", *TRAIN, "--limit", "2048", "-o", "straight.onnx", "--checkpoint", "straight")
        killed = ["train", "net.onnx", *TRAIN, "--limit", "2048", "-o", "killed.onnx", "--checkpoint", "killed"]
        self.kill_in_the_middle_of_an_epoch(*killed)
        self.kill_in_the_middle_of_an_epoch(*killed, "--resume")
        resumed = self.json(*killed, "--resume")
        self.assertEqual((self.dir / "killed.onnx").read_bytes(), (self.dir / "straight.onnx").read_bytes())
        self.assertLess(sum(e["waiting_seconds"] for e in resumed["epochs"]), sum(e["seconds"] for e in resumed["epochs"]))

    def test_what_does_not_fit(self):
        self.ok("train", "net.onnx", *TRAIN, "-o", "a.onnx", "--checkpoint", "c", "--limit", "128")
        self.ok("model", "build", "msdnet", *SMALL, "--seed", "2", "-o", "other.onnx")
        again = ["-o", "b.onnx", "--checkpoint", "c", "--limit", "128", "--resume"]
        self.fails(1, "train", "other.onnx", *TRAIN, *again, says=["checkpoint.npz", "another network"])
        self.fails(1, "train", "net.onnx", *TRAIN, *again, "--mode", "branches", says=["another training", "mode"])
        self.fails(2, "train", "net.onnx", *TRAIN, "--mode", "all", "-o", "b.onnx", says="--mode")
        self.fails(2, "train", "net.onnx", *TRAIN, "--mode", "sequential", "--limit", "64", "-o", "b.onnx", says=["3 exits", "2 steps"])
        self.ok("model", "build", "msdnet", *SMALL, "--classes", "7", "-o", "seven.onnx")
        self.fails(1, "train", "seven.onnx", *TRAIN, "-o", "b.onnx", says=["7", "10 classes"])

    def test_the_output_may_lie_in_the_folder_of_the_checkpoint(self):
        self.ok("train", "net.onnx", *TRAIN, "--limit", "128", "-o", "run/out.onnx", "--checkpoint", "run")
        self.assertTrue((self.dir / "run/out.onnx").exists())

    def test_a_result_that_cannot_be_saved_is_saved_elsewhere(self):
        try:
            os.mknod(self.dir / "full.onnx", stat.S_IFCHR | 0o666, os.makedev(1, 7))
        except PermissionError:
            self.skipTest("making devices needs root")
        done = self.einet("train", "net.onnx", *TRAIN, "--limit", "128", "-o", "full.onnx", "--checkpoint", "c")
        self.assertEqual(done.returncode, 1)
        self.assertIn("full-rescued.onnx", done.stderr)
        self.ok("model", "inspect", "full-rescued.onnx")

    def test_no_number(self):
        done = self.einet("train", "net.onnx", *TRAIN, "--limit", "512", "-o", "b.onnx", "--checkpoint", "c", "--lr", "1e30", "--clip", "0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the loss is no longer a number", done.stderr)
        self.assertFalse((self.dir / "b.onnx").exists())


if __name__ == "__main__":
    unittest.main()
