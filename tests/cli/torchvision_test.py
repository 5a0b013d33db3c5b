"""Third-party networks: torchvision's, as Debian's packages export them, become multi-exit and answer as before;
small relatives of its transformers answer what PyTorch answers."""
import importlib.util
import subprocess
import sys
import unittest

import numpy
import onnx

from harness import EINET, SOURCE, CommandTest

PACKAGES = all(importlib.util.find_spec(name) for name in ["torch", "torchvision"])


@unittest.skipUnless(PACKAGES, "needs python3-torch and python3-torchvision")
class TorchvisionTest(CommandTest):
    def export(self, name):
        subprocess.run([sys.executable, SOURCE / "scripts" / "export-torchvision", ".", name], cwd=self.dir, check=True,
                       capture_output=True)

    def last_output(self, model, name, image):
        self.ok("model", "run", model, "--input", image, "--output", "outputs")
        return numpy.load(self.dir / "outputs" / f"{name}.npy")

    def insert(self, name, exits):
        self.export(name)
        places = self.json("model", "insert-exits", f"{name}.onnx", "--dry-run")["exits"]
        self.ok("model", "insert-exits", f"{name}.onnx", "-o", "elastic.onnx", "--exits", exits)
        elastic = onnx.load(str(self.dir / "elastic.onnx"))
        onnx.checker.check_model(elastic, full_check=True)
        outputs = [o.name for o in elastic.graph.output]
        self.assertEqual(outputs, [f"exit{i}" for i in range(1, exits)] + ["logits"])
        before = self.last_output(f"{name}.onnx", "logits", f"{name}.npy")
        after = self.last_output("elastic.onnx", "logits", f"{name}.npy")
        self.assertGreater(numpy.abs(before).max(), 0)
        numpy.testing.assert_allclose(after, before, rtol=0, atol=1e-5 * numpy.abs(before).max())
        return [place["node"] for place in places]

    def test_resnet18(self):
        """An exit after the stem and after each of the eight units but the last, after which nothing is left to save."""
        units = [f"/layer{i}/layer{i}.{k}/relu_1/Relu" for i in range(1, 5) for k in range(2)]
        self.assertEqual(self.insert("resnet18", 5), ["/maxpool/MaxPool"] + units[:-1])

    def test_mobilenet_v2(self):
        """Inverted residual units whole; between those without a shortcut every convolution, also the depthwise ones."""
        places = self.insert("mobilenet_v2", 8)
        for unit in [3, 5, 6, 8, 9, 10, 12, 13, 15, 16]:
            self.assertEqual([p for p in places if f"/features.{unit}/" in p], [f"/features/features.{unit}/Add"])
        self.assertEqual(len([p for p in places if "/features.2/" in p]), 3)

    def test_densenet121(self):
        """One place a dense layer, though every concatenation begins afresh."""
        places = self.insert("densenet121", 12)
        for block, layers in [(1, 6), (2, 12), (3, 24)]:
            inside = [p for p in places if f"/denseblock{block}/" in p]
            self.assertEqual(inside, [f"/features/denseblock{block}/denselayer{i}/Concat" for i in range(1, layers + 1)])

    def test_the_check_goes_on_where_it_was_stopped(self):
        command = [sys.executable, SOURCE / "scripts" / "check-torchvision", EINET, "--results", "results.json"]
        for _ in range(2):
            done = subprocess.run([*command, "shufflenet_v2_x0_5"], cwd=self.dir, check=True, capture_output=True, text=True)
        self.assertEqual(len(done.stdout.split("shufflenet_v2_x0_5")), 2)  # In the table alone.
        unknown = subprocess.run([*command, "no_network"], cwd=self.dir, capture_output=True, text=True)
        self.assertIn("no network of torchvision: no_network", unknown.stderr)


@unittest.skipUnless(PACKAGES, "needs python3-torch and python3-torchvision")
class TransformerTest(CommandTest):
    def agrees(self, model, side, opset=13):
        import torch
        torch.manual_seed(2)
        for parameter in model.parameters():
            parameter.data.add_(torch.randn_like(parameter) * 0.2)
        model.eval()
        images = torch.randn(2, 3, side, side)
        torch.onnx.export(model, images[:1], str(self.dir / "m.onnx"), opset_version=opset, input_names=["x"],
                          output_names=["y"], dynamic_axes={"x": {0: "N"}, "y": {0: "N"}})
        expected = model(images).detach().numpy()
        numpy.save(self.dir / "x.npy", images.numpy())
        for flags in [[], ["--reference"]]:
            self.ok("model", "run", "m.onnx", "--input", "x.npy", "--output", "out", *flags)
            actual = numpy.load(self.dir / "out" / "y.npy")
            numpy.testing.assert_allclose(actual, expected, rtol=0, atol=1e-5 * numpy.abs(expected).max())

    def test_vision_transformer(self):
        from torchvision.models import VisionTransformer
        for opset in (13, 17):
            self.agrees(VisionTransformer(32, 8, 2, 2, 16, 32, num_classes=5), 32, opset)

    def test_shifted_windows(self):
        from torchvision.models import SwinTransformer
        self.agrees(SwinTransformer([4, 4], 8, [2, 2], [2, 2], [4, 4], num_classes=5), 40)

    def test_maxvit(self):
        from torchvision.models import MaxVit
        self.agrees(MaxVit((32, 32), 8, 4, [8], [1], 4, 0.0, num_classes=5), 32)


if __name__ == "__main__":
    unittest.main()
