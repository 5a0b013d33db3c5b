"""A run that is not cut off ends with an answer, whatever its plans are based on; methods compared without a predictor."""
import json
import shutil
import unittest

from bundle_test import seal
from harness import SHIPPED, SOURCE, CommandTest

B_ALEXNET = SOURCE / "bundles" / "cifar100-b-alexnet.einet"  # re-plans in every run
SMALL = ["--data", "fashion-mnist", "--limit", "40", "--budget", "50ms", "--no-tune"]


def ppm(path, seed):
    """A colour picture of 32x32 pixels."""
    path.write_bytes(b"P6 32 32 255\n" + bytes((i * (7 + seed) + seed * 31) % 256 for i in range(32 * 32 * 3)))


class AnswersTest(CommandTest):
    def answered(self, *args):
        results = self.json("run", *args, "--no-tune")
        for result in results:
            self.assertIsNotNone(result["answer"], result)
            self.assertFalse(result["interrupted"])
        return results

    def test_a_network_with_one_exit(self):
        self.ok("model", "build", "msdnet", "--set", "blocks=1", "--input", "1x28x28", "-o", "net.onnx")
        self.ok("profile", "net.onnx", *SMALL, "-o", "one.einet")
        (result,) = self.answered("one.einet", "fashion-mnist:0")
        self.assertEqual(result["answer"]["exit"], 1)
        self.assertEqual(self.json("plan", "one.einet")["plan"], [1])

    def test_cut_offs_before_the_first_answer(self):
        bundle = self.copy_bundle()
        self.ok("profile", bundle, "--timing-only", "--no-tune", "--budget", "200ms")
        for distribution in ["deadline:10us", "observed:20us,30us", "exponential:1us", "uniform until 1us"]:
            (result,) = self.answered(bundle, "fashion-mnist:0", "--distribution", distribution)
            self.assertEqual(result["answer"]["exit"], 20, distribution)  # The best one, because the run is not cut off.

    def test_block_times_ten_times_too_small_and_too_large(self):
        bundle = self.dir / "b.einet"
        shutil.copytree(B_ALEXNET, bundle)
        before = {path.name for path in (bundle / "timing").iterdir()}
        self.ok("profile", bundle, "--timing-only", "--no-tune", "--budget", "200ms")
        (timing,) = [path for path in (bundle / "timing").iterdir() if path.name not in before] or \
            sorted((bundle / "timing").iterdir(), key=lambda path: path.stat().st_mtime)[-1:]
        right = json.loads(timing.read_text())
        for seed in range(12):
            ppm(self.dir / f"{seed}.ppm", seed)
        pictures = [f"{seed}.ppm" for seed in range(12)]
        for factor in [0.1, 10]:
            scaled = json.loads(json.dumps(right))
            for part in scaled["conv"] + scaled["branch"]:
                for statistic in part:
                    part[statistic] *= factor
            timing.write_text(json.dumps(scaled))
            seal(bundle)
            results = self.answered(bundle, *pictures)
            # Some pictures need more than the first exit, and the run has time for it.
            self.assertGreater(max(result["answer"]["exit"] for result in results), 1, factor)

    def test_eval_without_a_predictor(self):
        self.ok("model", "build", "msdnet", "--set", "blocks=3", "--input", "1x28x28", "-o", "net.onnx")
        self.ok("profile", "net.onnx", *SMALL, "-o", "t.einet")
        result = self.json("eval", "t.einet")
        names = {method["name"] for method in result["methods"]}
        self.assertEqual(names, {"einet", "most-confident", "combined", "static-optimal", "static-25", "static-50", "static-100",
                                 "threshold", "classic"})
        self.assertIn("predictor", result["note"])
        self.assertIn("predictor fit", self.ok("eval", "t.einet"))
        easy = SHIPPED.parent / "mnist-b-alexnet.einet"
        note = self.json("eval", easy, "--platform", "intel-xeon-processor-1t-f32")["note"]
        self.assertIn("equals static-optimal", note)


if __name__ == "__main__":
    unittest.main()
