"""ConvNeXt, transformers and MLP-Mixers as PyTorch exports them: exits inserted, branches trained, the last exit unchanged."""
import importlib.util
import pathlib
import unittest

import numpy
import onnx

from harness import TRAINS, CommandTest

PACKAGES = all(importlib.util.find_spec(name) for name in ["torch", "torchvision"])
if PACKAGES:
    import small_networks

PHOTOS = pathlib.Path(__file__).parent / "exported" / "photos"
SHARE = ["--max-branch-share", "0.2"]  # These networks are so small that branches need a larger share.


@unittest.skipUnless(PACKAGES, "needs python3-torch and python3-torchvision")
class TransformerTest(CommandTest):
    def setUp(self):
        super().setUp()
        numpy.save(self.dir / "image.npy", numpy.random.default_rng(1).normal(size=(1, 3, 32, 32)).astype("float32"))

    def last_output(self, model):
        self.ok("model", "run", model, "--input", "image.npy", "--output", "outputs")
        return numpy.load(self.dir / "outputs" / "logits.npy")

    def insert(self, name, **options):
        small_networks.export(name, self.dir / "net.onnx", **options)
        loaded = self.einet("model", "inspect", "net.onnx")
        if "unsupported operators" in loaded.stderr:
            self.skipTest(loaded.stderr)
        return self.json("model", "insert-exits", "net.onnx", "-o", "exits.onnx", *SHARE)["exits"]

    def check(self, exits, firsts):
        """The checker accepts the network, its last exit is unchanged, and branches begin with operators `firsts`."""
        model = onnx.load(str(self.dir / "exits.onnx"))
        onnx.checker.check_model(model, full_check=True)
        self.assertEqual([o.name for o in model.graph.output], [f"exit{i + 1}" for i in range(len(exits))] + ["logits"])
        for i, first in enumerate(firsts):
            nodes = [n.op_type for n in model.graph.node if n.name.startswith(f"exit{i + 1}.")]
            self.assertEqual(nodes[0], first)
        before = self.last_output("net.onnx")
        self.assertGreater(numpy.abs(before).max(), 0)
        numpy.testing.assert_allclose(self.last_output("exits.onnx"), before, rtol=0, atol=1e-5 * numpy.abs(before).max())

    def test_convnext(self):
        """A convolutional branch after the stem, every block and every downsampling, if it can save time."""
        exits = self.insert("convnext")
        self.assertEqual([e["map"] for e in exits], [[16, 8, 8]] * 3 + [[24, 4, 4]] * 3)
        self.check(exits, ["Conv"] * len(exits))

    def test_vit(self):
        """A branch on the mean of the tokens after every block of attention and MLP."""
        for name, tokens in [("mean_vit", 16), ("vit", 17)]:
            with self.subTest(name):
                exits = self.insert(name)
                self.assertEqual([e["map"] for e in exits], [[tokens, 24]] * 4)
                self.assertEqual({e["branch_convolutions"] for e in exits}, {0})
                self.check(exits, ["ReduceMean"] * 4)

    def test_swin(self):
        exits = self.insert("swin")
        self.assertEqual([e["map"] for e in exits], [[8, 8, 16]] * 2 + [[4, 4, 32]] * 2)
        self.check(exits, ["ReduceMean"] * len(exits))

    def test_mlp_mixer(self):
        exits = self.insert("mixer")
        self.assertEqual([e["map"] for e in exits], [[64, 24]])
        self.check(exits, ["ReduceMean"])

    def train_branches(self, name, *args, **options):
        exits = self.insert(name, **options)
        report = self.json("train", "exits.onnx", "--data", PHOTOS, "-o", "trained.onnx", "--mode", "branches", "--epochs", "2",
                           "--batch", "16", "--lr", "0.01", "--threads", "1", *args)
        self.assertEqual(len(report["epochs"][-1]["accuracy"]), len(exits) + 1)
        before, after = (onnx.load(str(self.dir / f)).graph.initializer for f in ["exits.onnx", "trained.onnx"])
        before = {t.name: t.SerializeToString() for t in before}
        for t in after:
            moved = t.SerializeToString() != before[t.name]
            if not t.name.startswith("exit"):
                self.assertFalse(moved, t.name)
            elif t.name.endswith(".fc.weight"):
                self.assertTrue(moved, t.name)
        numpy.testing.assert_array_equal(self.last_output("trained.onnx"), self.last_output("exits.onnx"))
        return [e["loss"] for e in report["epochs"]]

    @unittest.skipUnless(TRAINS, "this build has no training")
    def test_branches_are_trained(self):
        for name in ["convnext", "mean_vit", "vit", "swin"]:
            for precision in ["bf16", "f32"]:
                with self.subTest(name=name, precision=precision):
                    self.train_branches(name, "--precision", precision)

    @unittest.skipUnless(TRAINS, "this build has no training")
    def test_branches_of_a_network_with_a_fixed_batch_size(self):
        """Trained like the same network with an open batch."""
        for name in ["convnext", "mean_vit", "vit"]:
            with self.subTest(name):
                losses = [self.train_branches(name, "--no-augment", "--precision", "f32", **options)
                          for options in [{}, {"dynamic_axes": None}]]
                numpy.testing.assert_allclose(losses[1], losses[0], rtol=1e-3)

    @unittest.skipUnless(TRAINS, "this build has no training")
    def test_the_whole_network_is_trained(self):
        for name in ["convnext", "mean_vit", "vit", "swin", "mixer"]:
            with self.subTest(name):
                self.insert(name)
                report = self.json("train", "exits.onnx", "--data", PHOTOS, "-o", "trained.onnx", "--epochs", "8", "--batch", "12",
                                   "--optimizer", "adam", "--lr", "0.003", "--no-augment", "--threads", "1")
                losses = [e["loss"] for e in report["epochs"]]
                self.assertLess(losses[-1], 0.8 * losses[0])


if __name__ == "__main__":
    unittest.main()
