"""The times that commands use: of the bundle, the cache, a new measurement, another machine; contents of bundles."""
import json
import os
import unittest

from bundle_test import seal
from harness import SHIPPED, SOURCE, CommandTest


class TimingTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.before = os.environ.get("EINET_CACHE")
        os.environ["EINET_CACHE"] = str(self.dir / "cache")
        self.addCleanup(self.restore)

    def restore(self):
        if self.before is None:
            del os.environ["EINET_CACHE"]
        else:
            os.environ["EINET_CACHE"] = self.before

    def test_the_same_picture_gets_the_same_answer(self):
        answers = []
        for _ in range(20):
            (result,) = self.json("run", SHIPPED, "fashion-mnist:17", "--no-tune")
            answers.append((result["answer"]["name"], result["answer"]["exit"],
                            tuple(answer["exit"] for answer in result["answers"])))
        self.assertEqual(len(set(answers)), 1, answers)

    def test_measurements_are_cached_and_reported(self):
        done = self.einet("plan", SHIPPED)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.notes[0], "no times of this machine: measured now, kept in .*cache")
        (kept,) = (self.dir / "cache" / "timing").iterdir()
        content = json.loads(kept.read_text())
        self.assertEqual(content["timing"]["format"], "einet-timing")
        kept.write_text("{")  # Damaged: measured again.
        self.assertEqual(self.json("plan", SHIPPED)["timing"], "measured")
        self.assertEqual(self.json("plan", SHIPPED, "--measure")["timing"], "measured")

    def test_a_cache_that_cannot_be_written(self):
        (self.dir / "cache").write_text("a file")
        done = self.einet("run", SHIPPED, "fashion-mnist:0")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("not kept", done.notes[0])

    def test_times_of_another_machine(self):
        platform = "intel-xeon-processor-1t-f32"
        plan = self.json("plan", SHIPPED, "--platform", platform)
        self.assertEqual((plan["platform"], plan["timing"]), (platform, "other platform"))
        self.assertEqual(self.json("eval", SHIPPED, "--platform", platform)["platform"], platform)
        self.assertIn(platform, self.fails(2, "plan", SHIPPED, "--platform", "vax", says=["vax"]))
        self.fails(2, "plan", SHIPPED, "--platform", platform, "--measure", says="--platform")
        self.fails(2, "eval", SHIPPED, "--live", "--platform", platform, says="--platform")

    def test_a_busy_machine_is_recorded_and_warned_of(self):
        bundle = self.copy_bundle()
        self.ok("profile", bundle, "--timing-only", "--no-tune", "--budget", "100ms")
        info = self.json("bundle", "info", bundle)
        (here,) = [timing for timing in info["timings"] if timing["quality"] is not None]
        path = bundle / "timing" / (here["platform"] + ".json")
        timing = json.loads(path.read_text())
        timing["quality"]["total"]["p90"] = 5 * timing["quality"]["total"]["p10"]
        path.write_text(json.dumps(timing))
        seal(bundle)
        for command in [["plan", bundle], ["eval", bundle], ["run", bundle, "fashion-mnist:0"]]:
            notes = "".join(self.einet(*command, *([] if command[0] != "plan" else ["--platform", here["platform"]])).notes)
            if "a run takes" not in notes:  # If the machine is busy now, those times may not be used at all.
                self.assertIn("measured on a busy machine (p90/p10 = 5.0", notes)
        self.assertIn("on a busy machine", self.ok("bundle", "info", bundle))


class BundleInfoTest(CommandTest):
    def test_contents_of_the_shipped_bundle(self):
        info = self.json("bundle", "info", SHIPPED)
        self.assertEqual((len(info["exits"]), info["classes"], info["samples"]), (20, 10, 10000))
        self.assertEqual(info["input"], [1, 28, 28])
        self.assertEqual(info["dataset"], "fashion-mnist")
        self.assertIsNotNone(info["predictor"])
        self.assertTrue(info["held_out_predictors"])
        self.assertEqual(info["files"]["model.onnx"], (SHIPPED / "model.onnx").stat().st_size)
        text = self.ok("bundle", "info", SHIPPED)
        for words in ["20 exits", "10000 held-out samples", "intel-xeon-processor-1t-f32", "shrinkage", "model.onnx"]:
            self.assertIn(words, text)

    def test_every_shipped_bundle(self):
        for bundle in sorted(SOURCE.glob("bundles/*.einet")):
            self.assertGreater(len(self.json("bundle", "info", bundle)["exits"]), 0)

    def test_missing_and_invalid_bundles(self):
        self.fails(1, "bundle", "info", "none.einet", says="no such bundle")
        self.fails(2, "bundle", "inf", SHIPPED, says="info")


if __name__ == "__main__":
    unittest.main()
