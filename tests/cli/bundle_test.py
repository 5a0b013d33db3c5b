"""Commands that read a bundle: run, plan, eval, profile; intact and damaged bundles."""
import hashlib
import io
import json
import unittest
import xml.etree.ElementTree

import numpy

from harness import SHIPPED, CommandTest


def seal(bundle):
    """Writes the current checksums to the manifest, so that damage is only visible in the content."""
    manifest = json.loads((bundle / "manifest.json").read_text())
    for name in manifest["files"]:
        data = (bundle / name).read_bytes()
        manifest["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (bundle / "manifest.json").write_text(json.dumps(manifest))


def pgm(path, width, height):
    path.write_bytes(b"P5 %d %d 255\n" % (width, height) + bytes(i % 256 for i in range(width * height)))


class RunTest(CommandTest):
    def test_classifies_test_images(self):
        results = self.json("run", SHIPPED, "fashion-mnist:0", "fashion-mnist:1", "fashion-mnist:2")
        self.assertEqual([r["answer"]["name"].lower() for r in results], ["ankle boot", "pullover", "trouser"])

    def test_answers_come_in_order_and_in_time(self):
        (result,) = self.json("run", SHIPPED, "fashion-mnist:0")
        exits = [a["exit"] for a in result["answers"]]
        times = [a["elapsed_seconds"] for a in result["answers"]]
        self.assertEqual(exits, sorted(set(exits)))
        self.assertEqual(times, sorted(times))
        self.assertEqual(result["answer"], result["answers"][-1])

    def test_a_deadline_before_the_first_answer(self):
        (result,) = self.json("run", SHIPPED, "fashion-mnist:0", "--deadline", "1ns")
        self.assertIsNone(result["answer"])
        self.assertTrue(result["interrupted"])
        self.assertIn("none yet", self.ok("run", SHIPPED, "fashion-mnist:0", "--deadline", "1ns"))

    def test_stream_prints_each_answer(self):
        lines = self.ok("run", SHIPPED, "fashion-mnist:0", "--stream").splitlines()
        self.assertGreaterEqual(len(lines), 1)
        self.assertIn("Ankle boot", lines[-1])

    def test_pictures_and_arrays(self):
        pgm(self.dir / "p.pgm", 28, 28)
        pixels = numpy.arange(784, dtype=numpy.uint32).astype(numpy.uint8).reshape(28, 28)
        numpy.save(self.dir / "u8.npy", pixels)
        numpy.save(self.dir / "f32.npy", (pixels / 255).astype(numpy.float32).reshape(1, 28, 28))
        answers = [r["answer"] for r in self.json("run", SHIPPED, "p.pgm", "u8.npy", "f32.npy")]
        for answer in answers[1:]:
            self.assertEqual(answer["label"], answers[0]["label"])

    def test_bad_inputs(self):
        pgm(self.dir / "big.pgm", 32, 32)
        self.fails(1, "run", SHIPPED, "big.pgm", says=["big.pgm", "32x32", "28x28"])
        numpy.save(self.dir / "nan.npy", numpy.full((1, 28, 28), numpy.nan, dtype=numpy.float32))
        self.fails(1, "run", SHIPPED, "nan.npy", says="nan.npy")
        numpy.save(self.dir / "shape.npy", numpy.zeros((3, 28, 28), dtype=numpy.float32))
        self.fails(1, "run", SHIPPED, "shape.npy", says=["shape.npy", "[3,28,28]"])
        (self.dir / "text.png").write_text("no picture")
        self.fails(1, "run", SHIPPED, "text.png", says="text.png")
        self.fails(1, "run", SHIPPED, "absent.png", says="absent.png")
        self.fails(2, "run", SHIPPED, "fashion-mnist:10000", says="10000")
        self.fails(2, "run", SHIPPED, "fashion-mnist:0", "--deadline", "soon", says="soon")
        self.fails(2, "run", SHIPPED, "fashion-mnist:0", "--planner", "exat", says=["exat", "exact"])
        self.fails(2, "run", SHIPPED, says="inputs")


class PlanTest(CommandTest):
    def test_plan_and_picture(self):
        self.copy_bundle()
        self.ok("profile", "copy.einet", "--timing-only", "--budget", "100ms")
        plan = self.json("plan", "copy.einet", "--svg", "plan.svg")
        self.assertGreater(len(plan["plan"]), 0)
        self.assertAlmostEqual(plan["expectation"], plan["upper_bound"], places=9)
        self.assertEqual(xml.etree.ElementTree.parse(self.dir / "plan.svg").getroot().tag.split("}")[-1], "svg")
        for planner in ["static-25", "hybrid", "greedy"]:
            other = self.json("plan", "copy.einet", "--planner", planner)
            self.assertLessEqual(other["expectation"], plan["expectation"] + 1e-12)
        later = self.json("plan", "copy.einet", "--given", "2=0.5")
        self.assertTrue(all(e > 2 for e in later["plan"]))
        known = self.json("plan", "copy.einet", "--deadline", "0.1T")
        self.assertIn(" until ", known["distribution"])
        self.assertEqual(known["plan"], self.json("plan", "copy.einet", "--distribution", "uniform until 0.1T")["plan"])
        self.assertGreater(known["plan"][-1], 10, "continues past the deadline")
        self.fails(2, "plan", "copy.einet", "--deadline", "soon", says="soon")
        self.fails(2, "plan", "copy.einet", "--given", "99=0.5", says="99=0.5")
        self.fails(2, "plan", "copy.einet", "--given", "2=1.5", says="2=1.5")
        self.fails(2, "plan", "copy.einet", "--planner", "exat", says=["exat", "exact"])
        self.fails(2, "plan", "copy.einet", "--distribution", "unifrom", says=["unifrom", "uniform"])


class EvalTest(CommandTest):
    def test_einet_is_no_worse_than_the_baselines(self):
        self.copy_bundle()
        self.ok("profile", "copy.einet", "--timing-only", "--budget", "300ms")
        result = self.json("eval", "copy.einet")
        method = {m["name"]: m for m in result["methods"]}
        einet = method["einet"]
        self.assertGreaterEqual(einet["overall_accuracy"] + einet["stderr"], method["static-optimal"]["overall_accuracy"])
        for static in ["static-25", "static-50", "static-100"]:
            self.assertGreater(einet["overall_accuracy"], method[static]["overall_accuracy"])
        self.assertGreaterEqual(result["oracle"], max(m["overall_accuracy"] for m in result["methods"]))


class BrokenBundleTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.bundle = self.copy_bundle()

    def refused(self, *says):
        for command in [["run", "copy.einet", "fashion-mnist:0"], ["plan", "copy.einet"], ["eval", "copy.einet"]]:
            self.fails(1, *command, says=says)

    def test_a_missing_bundle(self):
        self.fails(1, "eval", "none.einet", says="none.einet")

    def test_a_flipped_bit(self):
        data = bytearray((self.bundle / "model.onnx").read_bytes())
        data[len(data) // 2] ^= 1
        (self.bundle / "model.onnx").write_bytes(data)
        self.refused("model.onnx", "checksum")

    def test_a_missing_file(self):
        (self.bundle / "confidence.npz").unlink()
        self.refused("confidence.npz")

    def test_a_manifest_that_is_not_json(self):
        (self.bundle / "manifest.json").write_text("{")
        self.refused("manifest.json")

    def test_another_format_version(self):
        manifest = json.loads((self.bundle / "manifest.json").read_text())
        manifest["version"] = 99
        (self.bundle / "manifest.json").write_text(json.dumps(manifest))
        self.refused("manifest.json", "99")

    def test_nan_among_the_confidences(self):
        arrays = dict(numpy.load(self.bundle / "confidence.npz"))
        arrays["confidence"][3, 1] = numpy.nan
        buffer = io.BytesIO()
        numpy.savez(buffer, **arrays)
        (self.bundle / "confidence.npz").write_bytes(buffer.getvalue())
        seal(self.bundle)
        self.refused("confidence.npz", "nan")

    def test_a_negative_time(self):
        (timing,) = list((self.bundle / "timing").iterdir())[:1]
        content = json.loads(timing.read_text())
        content["conv"][0]["mean"] = -1.0
        timing.write_text(json.dumps(content))
        seal(self.bundle)
        self.refused(timing.name)


if __name__ == "__main__":
    unittest.main()
