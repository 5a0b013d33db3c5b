"""insert_exits(), from a network of PyTorch where that is installed."""
import os
import subprocess

import einet
from bundles import PythonTest, unittest

Kind = einet.ErrorKind


class InsertionTest(PythonTest):
    def network(self):
        path = self.dir / "plain.onnx"
        subprocess.run([os.environ["EINET"], "model", "build", "b-alexnet-classic", "--input", "1x28x28", "--classes", "10", "-o",
                        str(path)], check=True, capture_output=True)
        return path

    def test_exits_everywhere(self):
        plain = self.network()
        exits = einet.insert_exits(plain, self.dir / "elastic.onnx", input_exits=1)
        self.assertGreater(len(exits), 3)
        self.assertEqual(exits[0]["after"], "input")
        self.assertEqual([e["exit"] for e in exits], list(range(len(exits))))
        self.assertTrue((self.dir / "elastic.onnx").exists())

    def test_what_is_refused(self):
        plain = self.network()
        with self.refused(Kind.NOT_FOUND, "plain.onnx", "nowhere"):
            einet.insert_exits(plain, self.dir / "out.onnx", after=["nowhere"])
        with self.refused(Kind.NOT_FOUND, "missing.onnx"):
            einet.insert_exits(self.dir / "missing.onnx", self.dir / "out.onnx")
        (self.dir / "damaged.onnx").write_bytes(plain.read_bytes()[:1000])
        with self.refused(Kind.INVALID_DATA, "damaged.onnx"):
            einet.insert_exits(self.dir / "damaged.onnx", self.dir / "out.onnx")
        with self.refused(Kind.IO):
            einet.insert_exits(plain, self.dir / "no" / "folder" / "out.onnx")
        self.assertFalse((self.dir / "out.onnx").exists())

    def test_a_network_of_torch(self):
        try:
            import torch
        except ImportError:
            self.skipTest("torch is not installed")
        network = torch.nn.Sequential(
            torch.nn.Conv2d(1, 32, 3, padding=1), torch.nn.SiLU(), torch.nn.MaxPool2d(2),
            torch.nn.Conv2d(32, 64, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(64, 64, 3, padding=1), torch.nn.AdaptiveAvgPool2d(1),
            torch.nn.Flatten(), torch.nn.Linear(64, 10))
        path = self.dir / "torch.onnx"
        torch.onnx.export(network.eval(), torch.zeros(1, 1, 28, 28), str(path), input_names=["image"],
                          dynamic_axes={"image": {0: "batch"}})
        self.assertTrue(einet.insert_exits(path, self.dir / "elastic.onnx"))


if __name__ == "__main__":
    unittest.main()
