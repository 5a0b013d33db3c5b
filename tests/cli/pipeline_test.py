"""The whole pipeline on a few real images: build, train, profile, fit, plan, evaluate; and invalid datasets."""
import gzip
import shutil
import unittest

from harness import TRAINS, CommandTest

SMALL = ["--set", "blocks=3", "--set", "channels=4", "--set", "growth=2", "--input", "1x28x28"]
DEBIAN_FASHION = "/usr/share/datasets/fashion-mnist"


class PipelineTest(CommandTest):
    @unittest.skipUnless(TRAINS, "this build has no training")
    def test_from_images_to_elastic_answers(self):
        self.ok("model", "build", "msdnet", *SMALL, "-o", "net.onnx")
        trained = self.json("train", "net.onnx", "--data", "fashion-mnist", "-o", "trained.onnx", "--epochs", "2", "--limit",
                            "2000", "--batch", "64")
        self.assertEqual(len(trained["epochs"]), 2)
        self.assertLess(trained["epochs"][1]["loss"], trained["epochs"][0]["loss"])
        profile = self.json("profile", "trained.onnx", "--data", "fashion-mnist", "--limit", "1000", "-o", "b.einet", "--budget",
                            "100ms")
        self.assertEqual(len(profile["exits"]), 3)
        fitted = self.json("predictor", "fit", "b.einet", "--epochs", "2")
        self.assertIn("shrinkage", fitted)
        self.assertEqual(self.json("plan", "b.einet")["horizon_seconds"] > 0, True)
        names = [m["name"] for m in self.json("eval", "b.einet")["methods"]]
        for name in ["einet", "static-25", "static-50", "static-100", "static-optimal"]:
            self.assertIn(name, names)
        (result,) = self.json("run", "b.einet", "fashion-mnist:5")
        self.assertIsNotNone(result["answer"])

        self.ok("profile", "trained.onnx", "--data", "fashion-mnist", "--limit", "1000", "-o", "p.einet", "--budget", "100ms",
                "--weights", "none")
        self.assertLess((self.dir / "p.einet/model.onnx").stat().st_size, (self.dir / "b.einet/model.onnx").stat().st_size)
        self.ok("predictor", "fit", "p.einet", "--epochs", "2")
        self.assertEqual([m["name"] for m in self.json("eval", "p.einet")["methods"]], names)
        for refused in (["run", "p.einet", "fashion-mnist:5"], ["eval", "p.einet", "--live"],
                        ["profile", "p.einet", "--data", "fashion-mnist"]):
            self.fails(1, *refused, says="contains profiles but no weights")
        self.fails(2, "profile", "b.einet", "--timing-only", "--weights", "none", says="--weights")

    def test_without_training(self):
        """Untrained networks can be profiled, planned and run; eval skips methods that need a fitted predictor."""
        self.ok("model", "build", "msdnet", *SMALL, "-o", "net.onnx")
        self.ok("profile", "net.onnx", "--data", "fashion-mnist", "--limit", "200", "-o", "b.einet", "--budget", "100ms")
        self.assertGreater(self.json("plan", "b.einet")["expectation"], 0)
        self.ok("run", "b.einet", "fashion-mnist:1", "--deadline", "5ms")
        self.assertIn("einet predictor fit", self.ok("eval", "b.einet"))

    def test_combined_answers(self):
        self.ok("model", "build", "msdnet", *SMALL, "-o", "net.onnx")
        common = ["--data", "fashion-mnist", "--limit", "200", "--budget", "100ms"]
        profile = self.json("profile", "net.onnx", *common, "-o", "b.einet")
        self.assertEqual(set(profile["combined_answers"]), {"gain", "gain_stderr", "default"})
        self.assertIn("combined", [m["name"] for m in self.json("eval", "b.einet")["methods"]])
        self.assertTrue(self.json("bundle", "info", "b.einet")["log_probabilities"])
        for publish in ("latest", "combined", "most-confident"):
            (result,) = self.json("run", "b.einet", "fashion-mnist:5", "--publish", publish)
            self.assertIsNotNone(result["answer"])
        self.fails(2, "run", "b.einet", "fashion-mnist:5", "--publish", "best", says="--publish")
        self.fails(2, "profile", "b.einet", *common, "--log-probabilities", "none", says="log-probabilities")

        self.ok("profile", "net.onnx", *common, "-o", "fit.einet", "--log-probabilities", "fit")
        self.assertFalse((self.dir / "fit.einet/log_probabilities.npz").exists())
        self.assertIn("--log-probabilities keep", self.ok("eval", "fit.einet"))
        self.ok("run", "fit.einet", "fashion-mnist:5", "--publish", "combined")
        self.ok("profile", "net.onnx", *common, "-o", "none.einet", "--log-probabilities", "none")
        self.fails(1, "run", "none.einet", "fashion-mnist:5", "--publish", "combined", says="einet profile")
        (self.dir / "b.einet/log_probabilities.npz").write_bytes(b"damaged")
        self.fails(1, "eval", "b.einet", says="log_probabilities.npz")

    @unittest.skipIf(TRAINS, "this build trains")
    def test_training_commands_report_that_they_are_not_available(self):
        self.fails(1, "train", "net.onnx", "--data", "mnist", "-o", "x.onnx", says="built without training")
        self.fails(1, "predictor", "fit", "b.einet", says="built without training")

    def test_invalid_combinations(self):
        self.ok("model", "build", "msdnet", "-o", "colour.onnx", "--set", "blocks=2")
        self.fails(1, "profile", "colour.onnx", "--data", "fashion-mnist", "-o", "b.einet", says=["28", "32"])
        self.fails(2, "profile", "colour.onnx", "-o", "b.einet", says="--data")
        self.fails(2, "profile", "colour.onnx", "--data", "fashion-mnist", "-o", "b.zip", says=".einet")
        self.fails(2, "profile", "colour.onnx", "--data", "fashon-mnist", "-o", "b.einet", says=["fashon-mnist", "fashion-mnist"])


class DatasetTest(CommandTest):
    def test_get_verifies(self):
        got = self.json("data", "get", "fashion-mnist", "--dir", "d")
        self.assertEqual((got["train"], got["test"], got["classes"]), (60000, 10000, 10))
        self.json("data", "get", "fashion-mnist", "--dir", "e", "--from", "d/fashion-mnist")
        self.json("data", "get", "fashion-mnist", "--dir", "f", "--from", f"file://{self.dir}/d/fashion-mnist")

    def test_wrong_size_and_wrong_content(self):
        shutil.copytree(DEBIAN_FASHION, self.dir / "src")
        victim = next((self.dir / "src").glob("t10k-images*"))
        packed = victim.suffix == ".gz"
        data = gzip.decompress(victim.read_bytes()) if packed else victim.read_bytes()
        for bad in [data[:-100], data + b"x", data[:5000] + bytes([data[5000] ^ 1]) + data[5001:]]:
            victim.write_bytes(gzip.compress(bad, 1) if packed else bad)
            done = self.einet("data", "get", "fashion-mnist", "--dir", "d", "--from", "src")
            self.assertEqual(done.returncode, 1)
            self.assertIn("t10k-images", done.stderr)
            self.assertEqual(list((self.dir / "d").rglob("*t10k-images*")), [], "no partial files")

    def test_names_and_places(self):
        self.fails(2, "data", "get", "cifar11", says=["cifar11", "cifar10"])
        self.fails(1, "data", "get", "mnist", "--dir", "d", "--from", "no-such-folder", says="no-such-folder")
        self.fails(1, "data", "get", "mnist", "--dir", "d", "--from", "file:///no/such/folder")
        self.ok("model", "build", "b-alexnet", "-o", "net.onnx")
        self.fails(1, "profile", "net.onnx", "--data", "cifar10", "--dir", "nowhere", "-o", "b.einet", says="einet data get cifar10")


if __name__ == "__main__":
    unittest.main()
