"""Files of other frameworks: channels last, pixels as bytes, unused inputs, and networks that are rejected."""
import json
import pathlib
import struct
import unittest
import zipfile

import numpy
import onnx

from harness import CommandTest

FILES = pathlib.Path(__file__).parent / "exported"
PHOTOS = FILES / "photos"
PIXELS = ["--mean", "0,0,0", "--stddev", "1,1,1"]


def floats(archive, name):
    """The values of a float32 array in an .npz file."""
    data = zipfile.ZipFile(archive).read(name + ".npy")
    body = data[10 + struct.unpack("<H", data[8:10])[0]:]
    return struct.unpack(f"<{len(body) // 4}f", body)


class OnnxFormsTest(CommandTest):
    def confidences(self, file, *args):
        bundle = self.dir / (pathlib.Path(file).stem + ".einet")
        self.ok("profile", file, "--data", PHOTOS, "-o", bundle, "--no-tune", "--budget", "20ms", *args)
        return numpy.array(floats(bundle / "confidence.npz", "confidence"))

    def test_channels_last_gives_the_same_results(self):
        first = self.confidences(FILES / "channels_first.onnx", *PIXELS)
        self.assertGreater(first.std(), 0.01)
        last = self.confidences(FILES / "channels_last.onnx", *PIXELS)
        numpy.testing.assert_allclose(last, first, atol=1e-6)

    def test_bytes_are_passed_to_the_network_unchanged(self):
        first = self.confidences(FILES / "channels_first.onnx", *PIXELS)
        numpy.testing.assert_allclose(self.confidences(FILES / "bytes.onnx"), first, atol=1e-5)
        manifest = json.loads((self.dir / "bytes.einet" / "manifest.json").read_text())
        self.assertIn("normalization", manifest)
        # Again from the bundle, and with the command that runs it.
        self.ok("profile", self.dir / "bytes.einet", "--timing-only", "--no-tune", "--budget", "20ms")
        image = PHOTOS / "test/class0/im0.png"
        (expected,) = self.json("run", "channels_first.einet", image, "--fit")
        (found,) = self.json("run", "bytes.einet", image, "--fit")
        self.assertEqual(found["answer"]["name"], expected["answer"]["name"])
        self.assertAlmostEqual(found["answer"]["confidence"], expected["answer"]["confidence"], places=4)
        self.fails(2, "profile", FILES / "bytes.onnx", "--data", PHOTOS, "-o", "c.einet", *PIXELS,
                   says="pixels from 0 to 255")

    def test_plain_runs_keep_the_layout_of_the_file(self):
        x = numpy.random.default_rng(1).random((2, 8, 8, 3), dtype=numpy.float32)
        numpy.save(self.dir / "last.npy", x)
        numpy.save(self.dir / "first.npy", x.transpose(0, 3, 1, 2).copy())
        numpy.save(self.dir / "bytes.npy", numpy.round(x * 255))
        for name, atol in [("last", 0), ("first", 1e-5), ("bytes", 0.05)]:
            file = FILES / ("bytes.onnx" if name == "bytes" else f"channels_{name}.onnx")
            self.ok("model", "run", file, "--input", f"{name}.npy", "--output", name)
            y = numpy.load(self.dir / name / "y.npy")
            if name == "last":
                expected = y
            numpy.testing.assert_allclose(y, expected, atol=max(atol, 1e-7))

    def test_inserting_exits_keeps_bytes(self):
        self.ok("model", "build", "vgg16-small-classic", "-o", "v.onnx")
        model = onnx.load(str(self.dir / "v.onnx"))
        model.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.UINT8
        name = model.graph.input[0].name
        for node in model.graph.node:
            for i, value in enumerate(node.input):
                if value == name:
                    node.input[i] = "as_float"
        model.graph.node.insert(0, onnx.helper.make_node("Cast", [name], ["as_float"], to=onnx.TensorProto.FLOAT))
        onnx.save(model, str(self.dir / "bytes.onnx"))
        self.ok("model", "insert-exits", "bytes.onnx", "-o", "exits.onnx", "--exits", 3)
        saved = onnx.load(str(self.dir / "exits.onnx"))
        onnx.checker.check_model(saved)
        self.assertEqual(saved.graph.input[0].type.tensor_type.elem_type, onnx.TensorProto.UINT8)

    def test_other_networks_are_rejected_with_one_line(self):
        numpy.save(self.dir / "x.npy", numpy.zeros((1, 1, 4, 4, 4), numpy.float32))
        for file, *says in [("conv3d", "node 'conv' (Conv)", "only images [N,C,H,W] and rows [N,C,L]"),
                            ("lstm", "LSTM (1 node: 'lstm'): recurrent", "ScatterND (2 nodes: 's1', 's2')"),
                            ("two_inputs", "inputs 'x', 'z': only one is supported, but the network reads 2")]:
            with self.subTest(file):
                self.fails(1, "model", "inspect", FILES / f"{file}.onnx", says=says)
                self.fails(1, "model", "run", FILES / f"{file}.onnx", "--input", "x.npy", says=says)


if __name__ == "__main__":
    unittest.main()
