"""Third-party networks: torchvision's networks, exported with Debian's packages, get exits without changing their output;
small versions of its transformers give the outputs of PyTorch."""
import importlib.util
import json
import subprocess
import sys
import unittest
from importlib.machinery import SourceFileLoader

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
        """An exit after the stem and after each of the eight units except the last, after which no time can be saved."""
        units = [f"/layer{i}/layer{i}.{k}/relu_1/Relu" for i in range(1, 5) for k in range(2)]
        self.assertEqual(self.insert("resnet18", 5), ["/maxpool/MaxPool"] + units[:-1])

    def test_mobilenet_v2(self):
        """Whole inverted residual units; in units without a shortcut every convolution, including depthwise ones."""
        places = self.insert("mobilenet_v2", 8)
        for unit in [3, 5, 6, 8, 9, 10, 12, 13, 15, 16]:
            self.assertEqual([p for p in places if f"/features.{unit}/" in p], [f"/features/features.{unit}/Add"])
        self.assertEqual(len([p for p in places if "/features.2/" in p]), 3)

    def test_densenet121(self):
        """One place per dense layer, although every concatenation is a new value."""
        places = self.insert("densenet121", 12)
        for block, layers in [(1, 6), (2, 12), (3, 24)]:
            inside = [p for p in places if f"/denseblock{block}/" in p]
            self.assertEqual(inside, [f"/features/denseblock{block}/denselayer{i}/Concat" for i in range(1, layers + 1)])

    def test_the_check_continues_where_it_was_stopped(self):
        command = [sys.executable, SOURCE / "scripts" / "check-torchvision", EINET, "--results", "results.json"]
        for _ in range(2):
            done = subprocess.run([*command, "shufflenet_v2_x0_5"], cwd=self.dir, check=True, capture_output=True, text=True)
        self.assertEqual(len(done.stdout.split("shufflenet_v2_x0_5")), 2)  # Only in the table.
        unknown = subprocess.run([*command, "no_network"], cwd=self.dir, capture_output=True, text=True)
        self.assertIn("not a network of torchvision: no_network", unknown.stderr)
        for options in [["--batch", "half"], ["--opset", "9", "--docs", "page.md"]]:
            self.assertEqual(subprocess.run([*command, *options], cwd=self.dir, capture_output=True).returncode, 2)
        # Forms, one of which PyTorch cannot export and another of which is in the results; written to a page.
        (self.dir / "page.md").write_text("Forms\n<!-- check-torchvision: forms -->\n<!-- end of the table -->\nEnd\n")
        subprocess.run([*command, "shufflenet_v2_x0_5", "--executor", "block", "--opset", "9,13", "--batch", "open,fixed", "--docs",
                        "page.md"], cwd=self.dir, check=True, capture_output=True)
        self.assertEqual(len(json.loads((self.dir / "results.json").read_text())), 4)
        page = (self.dir / "page.md").read_text().splitlines()
        self.assertEqual(page[2], "| network | 9, open | 9, fixed | 13, open | 13, fixed |")
        self.assertRegex(page[4], r"^\| shufflenet_v2_x0_5 \| - (\| [0-9.]+e-0[5-9] ){3}\|$")
        self.assertEqual(page[-1], "End")

    def test_exported_branches_add_little(self):
        """All residual branches except those next to a projection; otherwise rounding errors grow with depth."""
        import torch
        import torchvision
        path = str(SOURCE / "scripts" / "export-torchvision")
        export = importlib.util.module_from_spec(importlib.util.spec_from_loader("export", SourceFileLoader("export", path)))
        export.__spec__.loader.exec_module(export)
        for name, ends in [("resnet50", [f"layer{i}.{k}.bn3" for i, count in enumerate([3, 4, 6, 3], 1) for k in range(1, count)]),
                           ("mobilenet_v2", [f"features.{i}.conv.3" for i in (6, 9, 10, 13, 16)]), ("vgg11_bn", [])]:
            model = getattr(torchvision.models, name)().eval()
            with torch.no_grad(), export.BranchEnds(model) as found:
                model(torch.zeros(1, 3, 64, 64))
            names = {module: name for name, module in model.named_modules()}
            self.assertEqual([names[norm] for norm in found.found], ends)


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
