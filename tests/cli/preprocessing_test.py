"""--resize, --crop, --interpolation and --split: how the pictures of a bundle are preprocessed and split."""
import json
import pathlib
import shutil
import unittest

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from harness import SHIPPED, SOURCE, TRAINS, CommandTest

FILES = pathlib.Path(__file__).parent / "centre_crop"
PICTURES = SOURCE / "tests" / "data" / "pictures"
QUICK = ["--no-tune", "--budget", "20ms"]
PLAIN = ["--mean", "0,0,0", "--stddev", "1,1,1", *QUICK]


class LinearNetworkTest(CommandTest):
    def save(self, height, width):
        """Two exits with the same logits, linear in the pixels."""
        self.weights = numpy.random.default_rng(1).normal(0, 0.05, (2, 3, height, width)).astype("f4")
        nodes = []
        for i in (1, 2):
            nodes += [helper.make_node("Conv", ["x", "w"], [f"c{i}"]), helper.make_node("Flatten", [f"c{i}"], [f"exit{i}"])]
        graph = helper.make_graph(
            nodes, "linear", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, height, width])],
            [helper.make_tensor_value_info(f"exit{i}", TensorProto.FLOAT, ["N", 2]) for i in (1, 2)],
            [numpy_helper.from_array(self.weights, "w")])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)]), str(self.dir / "net.onnx"))


class PreprocessingTest(LinearNetworkTest):
    def setUp(self):
        super().setUp()
        self.expected = numpy.load(PICTURES / "expected.npz")
        for split in ["train", "test"]:
            for name, picture in [("a", "odd.png"), ("b", "alpha.png")]:
                (self.dir / "photos" / split / name).mkdir(parents=True)
                shutil.copy(PICTURES / picture, self.dir / "photos" / split / name)

    def confidence(self, case):
        """The confidence of the more likely class for a picture preprocessed by torchvision."""
        pixels = self.expected[case].transpose(2, 0, 1) / 255
        logits = (self.weights * pixels).sum(axis=(1, 2, 3))
        return (numpy.exp(logits) / numpy.exp(logits).sum()).max()

    def profile(self, *options, bundle="b.einet"):
        self.ok("profile", "net.onnx", "--data", "photos", "-o", bundle, *PLAIN, "--weights", "float32", *options)
        confidences = numpy.load(self.dir / bundle / "confidence.npz")
        return dict(zip(confidences["labels"], confidences["confidence"][:, 0]))

    def manifest(self, bundle="b.einet"):
        return json.loads((self.dir / bundle / "manifest.json").read_text())

    def run_on(self, picture, *options, bundle="b.einet"):
        (result,) = self.json("run", bundle, picture, "--no-tune", "--distribution", "deadline:1s", *options)
        return result["answer"]["confidence"]

    def test_equals_torchvision(self):
        """As for a pretrained network: shorter side 16, centre 14."""
        for split in ["train", "test"]:
            for name in "01":
                (self.dir / "red" / split / name).mkdir(parents=True)
                shutil.copy(FILES / "frame.png", self.dir / "red" / split / name)
        self.ok("profile", FILES / "red.onnx", "--data", "red", "-o", "r.einet", *PLAIN, "--weights", "float32", "--resize", "16",
                "--crop", "14")
        for options in [[], ["--fit"]]:
            (result,) = self.json("run", "r.einet", FILES / "frame.png", "--no-tune", "--distribution", "deadline:1s", *options)
            self.assertEqual(result["answer"]["label"], 0)
            self.assertAlmostEqual(result["answer"]["confidence"], 0.53547, delta=5e-5)

    def test_all_commands_preprocess_pictures_in_the_same_way(self):
        self.save(14, 14)
        for mode in ["bilinear", "bicubic", "nearest"]:
            found = self.profile("--resize", "16", "--crop", "14x14", "--interpolation", mode)
            self.assertEqual(self.manifest()["preprocessing"], {"resize": [16], "crop": [14, 14], "interpolation": mode})
            for label, picture in enumerate(["odd.png", "alpha.png"]):
                expected = self.confidence(f"{picture} 3 16 14x14 {mode}")
                self.assertAlmostEqual(found[label], expected, delta=1e-4)
                self.assertAlmostEqual(self.run_on(PICTURES / picture), expected, delta=1e-4)
        # Held-out images of the folder by number, and live runs that are cut off.
        answers = {result["answer"]["confidence"] for result in self.json("run", "b.einet", "photos:0", "photos:1", "--no-tune")}
        self.assertEqual(len(answers), 2)
        for confidence in answers:
            self.assertTrue(any(abs(confidence - value) < 1e-4 for value in found.values()))
        self.fails(2, "run", "b.einet", "photos:2", says=["photos:2", "2 test images"])
        self.ok("profile", "b.einet", "--timing-only", "--budget", "50ms")
        live = self.json("eval", "b.einet", "--live", "--images", "2", "--distribution", "deadline:1s")
        self.assertTrue(live)
        self.json("demo", "b.einet", "--images", "2", "--budget", "5s")

    def test_bench_of_a_bundle(self):
        self.save(14, 14)
        for i, picture in enumerate(["palette.png", "tall.png", "turned.png"]):
            shutil.copy(PICTURES / picture, self.dir / "photos" / "test" / "ab"[i % 2])
        bench = ["bench", "executor", "--data", "photos", "--budget", "20ms", "--precision", "bf16", "--no-tune"]
        profile = self.json("profile", "net.onnx", "--data", "photos", "-o", "b.einet", *PLAIN, "--weights", "float32",
                            "--resize", "16")
        done = self.einet(*bench, "b.einet", "--json")
        if "no instructions" in done.stderr:
            self.assertRegex(done.stderr, "^einet: bf16: this processor")
            self.skipTest("this processor has no bf16")
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)["accuracy"]
        self.assertEqual(report["f32_accuracy"], [exit["accuracy"] for exit in profile["exits"]])

    def test_other_steps(self):
        for (height, width), options, case, kept in [
                ((17, 29), ["--resize", "17x29"], "odd.png 3 17x29 - bilinear", {"resize": [17, 29], "interpolation": "bilinear"}),
                ((20, 24), ["--crop", "20x24"], "odd.png 3 - 20x24 bilinear", {"crop": [20, 24]}),
                ((45, 44), ["--crop", "45x44"], "odd.png 3 - 45x44 bilinear", {"crop": [45, 44]}),
                ((14, 14), ["--resize", "16"], "odd.png 3 16 14x14 bilinear",
                 {"resize": [16], "crop": [14, 14], "interpolation": "bilinear"})]:
            self.save(height, width)
            bundle = f"{height}x{width}.einet"
            self.profile(*options, bundle=bundle)
            self.assertEqual(self.manifest(bundle)["preprocessing"], kept)
            reply = self.json("bundle", "info", bundle)["preprocessing"]
            self.assertEqual((reply["resize"], reply["crop"]), (kept.get("resize", []), kept.get("crop", [])))
            self.assertAlmostEqual(self.run_on(PICTURES / "odd.png", bundle=bundle), self.confidence(case), delta=1e-4)

    def test_bundle_info(self):
        self.save(14, 14)
        self.profile()
        self.assertIn("pictures: the largest centred part, resampled\n", self.ok("bundle", "info", "b.einet"))
        self.profile("--resize", "16", "--interpolation", "bicubic")
        self.assertIn("pictures: resized to 16 (bicubic), centre 14x14\n", self.ok("bundle", "info", "b.einet"))
        self.profile("--crop", "14")
        self.assertIn("pictures: centre 14x14\n", self.ok("bundle", "info", "b.einet"))

    def test_options_of_run_and_of_a_second_profile(self):
        self.save(14, 14)
        before = self.profile()
        self.assertNotIn("preprocessing", self.manifest())
        self.fails(1, "run", "b.einet", PICTURES / "odd.png", says=["23x37", "14x14", "--fit"])
        expected = self.confidence("odd.png 3 16 14x14 bilinear")
        self.assertNotAlmostEqual(before[0], expected, delta=1e-3)
        self.assertAlmostEqual(self.run_on(PICTURES / "odd.png", "--resize", "16"), expected, delta=1e-4)
        # A bundle keeps normalisation and preprocessing when it is profiled again.
        self.profile("--resize", "16")
        manifest = self.manifest()
        self.ok("profile", "b.einet", "--data", "photos", *QUICK)
        for field in ["preprocessing", "normalization", "dataset"]:
            self.assertEqual(self.manifest()[field], manifest[field])

    KEPT = {"einet.resize": "16", "einet.crop": "14x14", "einet.interpolation": "bicubic", "einet.mean": "0.5,0.4,0.3",
            "einet.stddev": "0.2,0.25,0.1"}

    def properties(self, file):
        return {p.key: p.value for p in onnx.load(str(self.dir / file)).metadata_props}

    @unittest.skipUnless(TRAINS, "built without training")
    def test_training_stores_the_preprocessing(self):
        self.save(14, 14)
        train = ["--data", "photos", "-o", "trained.onnx", "--epochs", "1", "--batch", "2", "--threads", "1"]
        self.ok("train", "net.onnx", *train, "--resize", "16", "--interpolation", "bicubic", "--mean", "0.5,0.4,0.3", "--stddev",
                "0.2,0.25,0.1")
        self.assertEqual(self.properties("trained.onnx"), self.KEPT)
        self.ok("train", "trained.onnx", *train)
        self.assertEqual(self.properties("trained.onnx"), self.KEPT)

    def test_onnx_files_store_the_preprocessing_of_training(self):
        self.save(14, 14)
        model = onnx.load(str(self.dir / "net.onnx"))
        helper.set_model_props(model, self.KEPT)
        onnx.save(model, str(self.dir / "trained.onnx"))
        profile = ["profile", "--data", "photos", "-o", "b.einet", *QUICK]
        stored = {"resize": [16], "crop": [14, 14], "interpolation": "bicubic"}
        self.ok(*profile, "trained.onnx")
        self.assertEqual(self.manifest()["preprocessing"], stored)
        self.assertEqual(self.manifest()["normalization"], {"mean": [0.5, 0.4, 0.3], "stddev": [0.2, 0.25, 0.1]})
        self.assertEqual(list(onnx.load(str(self.dir / "b.einet/model.onnx")).metadata_props), [])
        # The file alone and the bundle preprocess a picture in the same way.
        for picture in ["odd.png", "alpha.png"]:
            alone, = [e["top"][0][0]["probability"] for e in self.json("model", "run", "trained.onnx", "--input", PICTURES / picture)[:1]]
            self.assertAlmostEqual(alone, self.run_on(PICTURES / picture), delta=2e-3)  # The bundle's weights are float16.
        # Options take precedence over the file; one line each reports this.
        done = self.einet(*profile, "trained.onnx", "--resize", "18", "--mean", "0,0,0", "--stddev", "1,1,1")
        self.assertEqual(done.returncode, 0, done.stderr)
        reply = done.stderr.splitlines()
        self.assertEqual(len(reply), 2, reply)
        for line, words in zip(reply, [["trained.onnx", "resized to 16 (bicubic), centre 14x14", "resized to 18 (bilinear), centre 14x14"],
                                      ["trained.onnx", "0.5,0.4,0.3", "--mean"]]):
            for word in words:
                self.assertIn(word, line)
        self.assertEqual(self.manifest()["preprocessing"]["resize"], [18])
        # Values that do not fit the network.
        for key, value, words in [("einet.crop", "15x15", ["15x15", "14x14", "--crop"]), ("einet.mean", "0.5", ["einet.mean"])]:
            other = onnx.ModelProto.FromString(model.SerializeToString())
            next(p for p in other.metadata_props if p.key == key).value = value
            onnx.save(other, str(self.dir / "other.onnx"))
            shutil.rmtree(self.dir / "b.einet", ignore_errors=True)
            self.fails(2 if "crop" in key else 1, *profile, "other.onnx", says=words)

    def test_a_bundle_without_normalization_uses_unchanged_pixels(self):
        """As stated in docs/formats.md; an ONNX file without normalisation leaves it open."""
        self.save(14, 14)
        self.profile("--resize", "16", "--crop", "14")
        expected = self.confidence("odd.png 3 16 14x14 bilinear")
        manifest = self.manifest()
        manifest["normalization"] = {"mean": [], "stddev": []}
        (self.dir / "b.einet/manifest.json").write_text(json.dumps(manifest))
        self.assertAlmostEqual(self.run_on(PICTURES / "odd.png"), expected, delta=1e-4)
        for entry in self.json("model", "run", "b.einet", "--input", PICTURES / "odd.png"):
            self.assertAlmostEqual(entry["top"][0][0]["probability"], expected, delta=1e-4)
        self.fails(1, "model", "run", "net.onnx", "--input", PICTURES / "odd.png", says=["odd.png", "einet.mean"])

    def test_invalid_combinations(self):
        self.save(14, 14)
        profile = ["profile", "net.onnx", "--data", "photos", "-o", "b.einet", *QUICK]
        self.fails(2, *profile, "--interpolation", "bicubic", says=["--interpolation", "--resize"])
        self.fails(2, *profile, "--crop", "14", "--interpolation", "bicubic", says=["--interpolation", "--resize"])
        self.fails(2, *profile, "--resize", "16", "--interpolation", "lanczos", says=["--interpolation", "lanczos"])
        self.fails(2, *profile, "--resize", "16", "--crop", "13", says=["--crop 13", "13x13", "14x14"])
        self.fails(2, *profile, "--resize", "16x18", says=["--resize 16x18", "14x14"])
        self.fails(2, *profile, "--resize", "12", says=["--resize 12", "14x14", "--crop"])
        for size in ["0", "-16", "16x", "16x16x16", "1e3", "nan", "99999999999"]:
            self.fails(2, *profile, f"--resize={size}", says=["--resize"])
        self.fails(2, *profile, "--resize", "20000", says="16384")
        self.fails(2, "profile", SHIPPED, "--data", "fashion-mnist", "-o", "b.einet", "--resize", "28",
                   says=["--resize", "fashion-mnist"])
        self.ok(*profile)
        self.fails(2, "run", "b.einet", PICTURES / "odd.png", "--crop", "13", says="14x14")

    @unittest.skipUnless(TRAINS, "this build has no training")
    def test_train(self):
        self.save(14, 14)
        train = ["train", "net.onnx", "--data", "photos", "-o", "trained.onnx", "--epochs", "1", "--batch", "2"]
        self.fails(2, *train, "--crop", "13", says="14x14")
        self.ok(*train, "--resize", "16")


class SplitTest(LinearNetworkTest):
    def setUp(self):
        super().setUp()
        random = numpy.random.default_rng(2)
        for name in "ab":
            (self.dir / "all" / name).mkdir(parents=True)
            for i in range(10):
                self.picture(f"all/{name}/{i}.ppm", random.integers(0, 256, 14 * 14 * 3, dtype="u1"))
        self.save(14, 14)

    def picture(self, path, pixels):
        (self.dir / path).write_bytes(b"P6 14 14 255\n" + pixels.tobytes())

    def profile(self, bundle, *options):
        self.ok("profile", "net.onnx", "--data", "all", "-o", bundle, *PLAIN, "--weights", "float32", *options)
        return self.confidences(bundle)

    def confidences(self, bundle):
        return numpy.load(self.dir / bundle / "confidence.npz")["confidence"][:, 0].tolist()

    def split(self, bundle):
        return json.loads((self.dir / bundle / "manifest.json").read_text())["split"]

    def test_the_same_images_are_held_out_everywhere(self):
        held_out = self.profile("b.einet", "--split", "0.8")
        self.assertEqual(len(held_out), 4)
        self.assertEqual(self.split("b.einet"), {"train": 0.8, "seed": 0})
        self.assertEqual(self.profile("c.einet", "--split", "0.8"), held_out)
        other = self.profile("d.einet", "--split", "0.8", "--split-seed", "5")
        self.assertEqual(self.split("d.einet"), {"train": 0.8, "seed": 5})
        self.assertIn("dataset: all, 80 % for training (split seed 5)\n", self.ok("bundle", "info", "d.einet"))
        self.assertEqual(self.json("bundle", "info", "d.einet")["split"], {"train": 0.8, "seed": 5})
        self.assertNotEqual(other, held_out)
        for bundle, confidences in [("b.einet", held_out), ("d.einet", other)]:
            run = ["run", bundle, *[f"all:{i}" for i in range(4)], "--no-tune", "--distribution", "deadline:1s"]
            for result, confidence in zip(self.json(*run), confidences):
                self.assertAlmostEqual(result["answer"]["confidence"], confidence, delta=1e-4)
            self.ok("profile", bundle, "--data", "all", *QUICK)  # The same split, although no option is given.
            self.assertEqual(self.confidences(bundle), confidences)
            self.ok("eval", bundle, "--live", "--images", "4")
        # The same below train/.
        (self.dir / "train").mkdir()
        for name in "ab":
            (self.dir / "all" / name).rename(self.dir / "train" / name)
        (self.dir / "train").rename(self.dir / "all" / "train")
        self.assertEqual(self.profile("e.einet", "--split", "0.8"), held_out)
        (self.dir / "all/train/a/0.ppm").unlink()
        (self.dir / "all/train/a/1.ppm").unlink()
        (self.dir / "all/train/a/2.ppm").unlink()
        self.fails(1, "eval", "b.einet", "--live", says=["all", "does not have the images that the bundle was profiled on"])

    def test_errors(self):
        profile = ["profile", "net.onnx", "--data", "all", "-o", "b.einet", *QUICK]
        for share in ["0", "1", "nan", "-0.5", "1.5", "inf"]:
            self.fails(2, *profile, f"--split={share}", says=["--split", "above 0 and below 1"])
        self.fails(2, *profile, "--split", "most", says="--split")
        self.fails(2, *profile, "--split-seed", "1", says=["--split-seed", "--split"])
        self.fails(2, *profile, "--split", "0.5", "--split-seed", "-1", says="--split-seed")
        self.fails(1, *profile, says=["all/train", "--split 0.8"])
        (self.dir / "all/c").mkdir()
        self.picture("all/c/0.ppm", numpy.zeros(14 * 14 * 3, dtype="u1"))
        self.fails(1, *profile, "--split", "0.8", says=["all/c", "one image", "two of each class"])
        shutil.rmtree(self.dir / "all/c")
        (self.dir / "list.csv").write_text("all/a/0.ppm,a\nall/b/0.ppm,b\n")
        self.fails(2, *profile[:3], "list.csv", *profile[4:], "--split", "0.8", says=["--split", "list.csv"])
        self.fails(2, "profile", SHIPPED, "--data", "fashion-mnist", "-o", "b.einet", "--split", "0.8",
                   says=["--split", "fashion-mnist"])
        for name in ["train", "val"]:
            shutil.copytree(self.dir / "all", self.dir / "two" / name)
        self.fails(2, *profile[:3], "two", *profile[4:], "--split", "0.8", says=["two/val", "already"])

    def test_unlabelled_test_images_are_ignored(self):
        for name in ["train", "val"]:
            shutil.copytree(self.dir / "all", self.dir / "photos" / name)
        (self.dir / "photos/test").mkdir()
        self.picture("photos/test/0.ppm", numpy.zeros(14 * 14 * 3, dtype="u1"))
        profile = ["profile", "net.onnx", "--data", "photos", "-o", "b.einet", *PLAIN]
        done = self.einet(*profile, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["samples"], 20)
        self.assertEqual(done.stderr, "einet: photos: no class folders in test; using those in val as test images\n")
        shutil.rmtree(self.dir / "photos/val")
        self.fails(1, *profile, says=["photos: no folder of test images", "test/ has no class folders", "--split"])
        profile[profile.index("b.einet")] = "c.einet"
        self.assertEqual(self.json(*profile, "--split", "0.5")["samples"], 10)

    @unittest.skipUnless(TRAINS, "this build has no training")
    def test_train(self):
        train = ["train", "net.onnx", "--data", "all", "-o", "trained.onnx", "--epochs", "1", "--batch", "2"]
        self.ok(*train, "--split", "0.8")


if __name__ == "__main__":
    unittest.main()
