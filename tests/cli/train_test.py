"""Training that is killed and resumed; checkpoints and options that do not match."""
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import time
import unittest

import onnx

from harness import EINET, TRAINS, CommandTest

FILES = pathlib.Path(__file__).parent / "exported"

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

    def test_checkpoints_that_do_not_match(self):
        self.ok("train", "net.onnx", *TRAIN, "-o", "a.onnx", "--checkpoint", "c", "--limit", "128")
        self.ok("model", "build", "msdnet", *SMALL, "--seed", "2", "-o", "other.onnx")
        again = ["-o", "b.onnx", "--checkpoint", "c", "--limit", "128", "--resume"]
        self.fails(1, "train", "other.onnx", *TRAIN, *again, says=["checkpoint.npz", "another network"])
        self.fails(1, "train", "net.onnx", *TRAIN, *again, "--mode", "branches", says=["another training", "mode"])
        self.fails(2, "train", "net.onnx", *TRAIN, "--mode", "all", "-o", "b.onnx", says="--mode")
        self.fails(2, "train", "net.onnx", *TRAIN, "--mode", "sequential", "--limit", "64", "-o", "b.onnx", says=["3 exits", "2 steps"])
        self.ok("model", "build", "msdnet", *SMALL, "--classes", "7", "-o", "seven.onnx")
        self.fails(1, "train", "seven.onnx", *TRAIN, "-o", "b.onnx", says=["7", "10 classes"])

    def test_single_exits(self):
        self.ok("model", "insert-exits", "net.onnx", "-o", "more.onnx", "--input-exits", "1")
        branches = ["train", "more.onnx", *TRAIN, "--limit", "256", "--mode", "branches", "-o", "trained.onnx", "--only"]
        for only, trained in [("new", {"exit1"}), ("1,3", {"exit1", "exit3"}), ("exit2", {"exit2"})]:
            self.ok(*branches, only)
            before, after = [{t.name: t.SerializeToString() for t in onnx.load(str(self.dir / f)).graph.initializer}
                             for f in ["more.onnx", "trained.onnx"]]
            moved = {name.split(".")[0] for name in before if before[name] != after[name]}
            if only == "new":
                self.assertEqual(moved, trained)
            untrained = [p.value for p in onnx.load(str(self.dir / "trained.onnx")).metadata_props if p.key == "einet.untrained"]
            self.assertEqual(untrained, [] if "exit1" in trained else ["exit1"])
        for word in ["7", "exit9", "0", "3-2", ""]:
            self.fails(2, *branches, word, says="--only")
        self.fails(2, "train", "more.onnx", *TRAIN, "--only", "1", "-o", "b.onnx", says="--mode branches")
        self.fails(2, "train", "net.onnx", *TRAIN, "--mode", "branches", "--only", "new", "-o", "b.onnx", says="all exits of the network have been trained")

    def test_heads(self):
        """The loss is computed from the logits, independent of the operators after them."""
        photos = FILES / "photos"
        options = ["-o", "out.onnx", "--epochs", "1", "--batch", "10", "--precision", "f32", "--threads", "1"]
        train = ["--data", photos, *options]
        losses = {}
        for name in ["softmax", "softmax_reshape", "softmax_flatten", "softmax_clip", "five"]:
            report = self.json("train", FILES / f"{name}.onnx", *train, "--lr", "1e-6", "--no-augment")
            losses[name] = report["epochs"][0]["loss"]
            self.ok("model", "inspect", "out.onnx")
        for name in ["softmax_reshape", "softmax_flatten", "softmax_clip"]:
            self.assertAlmostEqual(losses[name], losses["softmax"], delta=1e-4)
        two = self.dir / "two"
        for split in ["train", "test"]:
            for label in ["class0", "class1"]:
                shutil.copytree(photos / split / label, two / split / label)
        report = self.json("train", FILES / "binary.onnx", "--data", two, *options, "--lr", "0.05")
        self.assertEqual(len(report["epochs"][0]["accuracy"]), 1)
        self.fails(1, "train", FILES / "binary.onnx", *train, says=["5 classes"])
        self.fails(2, "train", FILES / "softmax.onnx", *train, "--head", "logits", says=["--head", "softmax"])

    def test_a_network_with_a_fixed_batch_size(self):
        train = ["--data", FILES / "photos", "--epochs", "1", "--batch", "10", "--precision", "f32", "--threads", "1"]
        loss = lambda name: self.json("train", FILES / f"{name}.onnx", *train, "-o", f"{name}.onnx")["epochs"][0]["loss"]
        self.assertAlmostEqual(loss("fixed"), loss("free"), delta=1e-5)

    def test_open_height_and_width(self):
        helper, proto = onnx.helper, onnx.TensorProto
        nodes = [helper.make_node("Conv", ["x", "w"], ["c"], name="conv"), helper.make_node("GlobalAveragePool", ["c"], ["p"], name="pool"),
                 helper.make_node("Flatten", ["p"], ["y"], name="flatten")]
        weight = helper.make_tensor("w", proto.FLOAT, [5, 3, 3, 3], [0.01 * i for i in range(135)])
        graph = helper.make_graph(nodes, "open", [helper.make_tensor_value_info("x", proto.FLOAT, ["N", 3, "H", "W"])],
                                  [helper.make_tensor_value_info("y", proto.FLOAT, ["N", 5])], [weight])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(self.dir / "open.onnx"))
        train = ["train", "open.onnx", "--data", FILES / "photos", "-o", "out.onnx", "--epochs", "1", "--batch", "10"]
        self.fails(1, *train, says=["open.onnx", "--shape"])
        self.ok(*train, "--shape", "3x8x8")

    def test_the_output_may_be_in_the_folder_of_the_checkpoint(self):
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

    def test_loss_that_is_not_finite(self):
        done = self.einet("train", "net.onnx", *TRAIN, "--limit", "512", "-o", "b.onnx", "--checkpoint", "c", "--lr", "1e30", "--clip", "0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the loss is not finite", done.stderr)
        self.assertFalse((self.dir / "b.onnx").exists())


if __name__ == "__main__":
    unittest.main()
