"""Networks in the form written by exporters: kinds of outputs, a fixed batch size of 1, open shapes."""
import pathlib
import shutil
import struct
import unittest
import zipfile

from harness import CommandTest

FILES = pathlib.Path(__file__).parent / "exported"
PHOTOS = FILES / "photos"


def floats(archive, name):
    """The values of a float32 array in an .npz file."""
    data = zipfile.ZipFile(archive).read(name + ".npy")
    body = data[10 + struct.unpack("<H", data[8:10])[0]:]
    return struct.unpack(f"<{len(body) // 4}f", body)


class ExportedTest(CommandTest):
    def profile(self, file, *args):
        bundle = self.dir / (pathlib.Path(file).stem + ".einet")
        report = self.json("profile", file if pathlib.Path(file).is_absolute() else FILES / file, "--data", PHOTOS,
                           "-o", bundle, "--no-tune", "--budget", "20ms", *args)
        return report, floats(bundle / "confidence.npz", "confidence")

    def assert_close(self, found, expected):
        for a, b in zip(found, expected):
            self.assertAlmostEqual(a, b, delta=6e-4)

    def test_softmax_is_applied_once(self):
        for file in ["softmax", "softmax_reshape", "softmax_flatten", "softmax_clip"]:
            with self.subTest(file):
                self.assert_close(self.profile(file + ".onnx")[1], [0.997, 1.000, 0.998, 0.867])

    def test_sigmoids(self):
        report, confidence = self.profile("five.onnx")
        self.assertAlmostEqual(confidence[0], 0.99, delta=0.01)
        self.assertGreater(min(confidence), 0.5)

    def test_a_single_sigmoid_separates_two_classes(self):
        photos = self.dir / "two"
        for split in ["train", "test"]:
            for name in ["class0", "class1"]:
                shutil.copytree(PHOTOS / split / name, photos / split / name)
        self.ok("profile", FILES / "binary.onnx", "--data", photos, "-o", "b.einet", "--no-tune", "--budget", "20ms")
        confidence = floats(self.dir / "b.einet/confidence.npz", "confidence")
        self.assertTrue(all(0.5 <= c <= 1 for c in confidence))
        (result,) = self.json("run", "b.einet", photos / "test/class0/im0.png", "--fit")
        self.assertIn(result["answer"]["name"], ["class0", "class1"])
        self.fails(1, "profile", FILES / "binary.onnx", "--data", PHOTOS, "-o", "c.einet",
                   says="has 2 classes, but the data has 5")

    def test_head_is_for_outputs_that_the_graph_leaves_open(self):
        self.profile("softmax.onnx", "--head", "softmax")
        self.fails(2, "profile", FILES / "softmax.onnx", "--data", PHOTOS, "-o", "c.einet", "--head", "logits",
                   says="outputs are softmax")

    def test_a_fixed_batch_runs_image_by_image(self):
        fixed, free = self.profile("fixed.onnx"), self.profile("free.onnx")
        self.assertEqual(fixed[0]["samples"], free[0]["samples"])
        self.assertEqual([e["accuracy"] for e in fixed[0]["exits"]], [e["accuracy"] for e in free[0]["exits"]])
        for a, b in zip(fixed[1], free[1]):
            self.assertAlmostEqual(a, b, delta=1e-4)


if __name__ == "__main__":
    unittest.main()
