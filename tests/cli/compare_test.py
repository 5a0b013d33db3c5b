"""einet compare: bundles on a common horizon; eval --metrics."""
import shutil
import unittest

from harness import SOURCE, CommandTest

PLATFORM = ["--platform", "intel-xeon-processor-1t-f32"]


class CompareTest(CommandTest):
    def bundle(self, name):
        return str(SOURCE / "bundles" / (name + ".einet"))

    def test_two_bundles_of_one_dataset(self):
        pair = [self.bundle("cifar100-vgg16-small"), self.bundle("cifar100-b-alexnet")]
        result = self.json("compare", *pair, *PLATFORM)
        first, second = result["bundles"]
        self.assertEqual(result["horizon_seconds"], first["run_everything_seconds"])
        self.assertEqual([m["name"] for m in first["methods"]], ["einet", "static-optimal"])  # No log-probabilities.
        self.assertEqual(first["methods"][1]["over_first"], 0)
        single = self.json("eval", pair[0], *PLATFORM)
        self.assertEqual(first["elasticity"], single["elasticity"])
        scores = {m["name"]: m for m in single["methods"]}
        for method in first["methods"]:
            for field in ("overall_accuracy", "first_answer_seconds", "unanswered", "accuracy_at_quarters"):
                self.assertEqual(method[field], scores[method["name"]][field])
        for method, baseline in zip(second["methods"], first["methods"]):
            self.assertAlmostEqual(method["over_first"], method["overall_accuracy"] - baseline["overall_accuracy"])
        table = self.ok("compare", *pair, *PLATFORM)
        self.assertIn("cifar100-b-alexnet", table)
        self.assertIn("elasticity", table)

    def test_the_horizon(self):
        pair = [self.bundle("cifar100-b-alexnet")] * 2
        full = self.json("compare", *pair, *PLATFORM)
        half = self.json("compare", *pair, *PLATFORM, "--horizon", "0.5T")
        self.assertAlmostEqual(half["horizon_seconds"], full["horizon_seconds"] / 2)
        self.assertLess(half["bundles"][0]["elasticity"], full["bundles"][0]["elasticity"])
        self.assertEqual(self.json("compare", *pair, *PLATFORM, "--horizon", "2ms")["horizon_seconds"], 0.002)
        for wrong in ("0ms", "soon", "-1ms"):
            self.fails(2, "compare", *pair, *PLATFORM, f"--horizon={wrong}")

    def test_bundles_that_cannot_be_compared(self):
        first = self.bundle("cifar100-b-alexnet")
        self.fails(1, "compare", first, self.bundle("cifar10-b-alexnet"), *PLATFORM,
                   says=["cifar10-b-alexnet", "other data than cifar100-b-alexnet"])
        self.fails(1, "compare", first, "missing.einet", *PLATFORM, says="missing.einet")
        self.fails(2, "compare", first, "--platform", "abacus", says="abacus")
        self.fails(2, "compare")
        copy = self.dir / "copy.einet"
        shutil.copytree(first, copy)
        (copy / "confidence.npz").write_bytes(b"damaged")
        self.fails(1, "compare", first, str(copy), *PLATFORM, says="confidence.npz")

    def test_metrics_of_eval(self):
        bundle = self.bundle("cifar10-b-alexnet")
        exits = self.json("eval", bundle, *PLATFORM)["exits"]
        self.assertEqual(len(exits), 3)
        for earlier, later in zip(exits, exits[1:]):
            self.assertLess(earlier["macs"], later["macs"])
            self.assertLess(earlier["seconds"], later["seconds"])
        for exit in exits:
            self.assertGreater(exit["calibration_error"], 0)
            self.assertLess(exit["risk_coverage_area"], 1 - exit["accuracy"])
        text = self.ok("eval", bundle, *PLATFORM, "--metrics")
        for words in ("elasticity", "first answer", "calibration error"):
            self.assertIn(words, text)
        self.assertNotIn("calibration error", self.ok("eval", bundle, *PLATFORM))

    def test_drops_of_the_true_class(self):
        without = self.bundle("cifar10-b-alexnet")  # Without log-probabilities.
        self.assertTrue(all(m["true_class_drops"] is None for m in self.json("eval", without, *PLATFORM)["methods"]))
        self.assertNotIn("drop >", self.ok("eval", without, *PLATFORM, "--metrics"))
        elastic = self.bundle("fashion-mnist-msdnet-elastic")
        platform = ["--platform", self.json("bundle", "info", elastic)["timings"][0]["platform"]]
        for method in self.json("eval", elastic, *platform)["methods"]:
            drops = method["true_class_drops"]
            self.assertEqual([d["above"] for d in drops], [0.01, 0.05, 0.1, 0.2, 0.5])
            shares = [d["share"] for d in drops]
            self.assertEqual(shares, sorted(shares, reverse=True))
            self.assertEqual(any(shares), method["name"] != "classic")  # One answer cannot drop.
        self.assertIn("drop > 0.01", self.ok("eval", elastic, *platform, "--metrics"))


if __name__ == "__main__":
    unittest.main()
