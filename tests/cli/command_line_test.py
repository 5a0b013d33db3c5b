"""The command line itself: mistyped names, bundles in place of files, names that are not UTF-8, streams."""
import json
import os
import subprocess
import unittest

import numpy

from harness import EXAMPLES, SHIPPED, CommandTest

LATIN = b"caf\xe9.pgm"


class MistypedTest(CommandTest):
    def test_commands(self):
        self.fails(2, "pofile", says=["pofile: no such command", "did you mean 'profile'?"])
        self.fails(2, "model", "inspct", says=["model inspct: no such command", "'inspect'"])
        self.fails(2, "bench", "planer", says="'planner'")
        self.fails(2, "xyzzyxyzzy", says="`einet --help` lists them")
        self.fails(2, says="`einet --help`")
        self.fails(2, "model", says="`einet model --help`")

    def test_options(self):
        self.fails(2, "run", SHIPPED, "fashion-mnist:0", "--strem", says=["run --strem: no such option", "'--stream'"])
        self.fails(2, "plan", SHIPPED, "--distributon=uniform", says="'--distribution'")
        self.fails(2, "--verson", says="'--version'")
        self.fails(2, "plan", SHIPPED, "--xyzzyxyzzy", says="`einet plan --help` lists them")
        self.fails(2, "run", SHIPPED, "fashion-mnist:0", "--deadline", says="deadline")


class BundleAsNetworkTest(CommandTest):
    def test_bundles_can_be_used_as_networks(self):
        self.assertEqual(self.json("model", "inspect", SHIPPED), self.json("model", "inspect", SHIPPED / "model.onnx"))
        self.fails(1, "model", "inspect", self.dir, says="model.onnx: no such file")

    def test_a_bundle_without_weights_does_not_answer(self):
        self.ok("model", "build", "msdnet", "--set", "blocks=3", "--input", "1x28x28", "-o", "net.onnx")
        self.ok("profile", "net.onnx", "--data", "fashion-mnist", "--limit", "20", "-o", "p.einet", "--budget", "20ms",
                "--no-tune", "--weights", "none")
        self.ok("model", "inspect", "p.einet")
        numpy.save(self.dir / "x.npy", numpy.zeros((1, 1, 28, 28), dtype="f4"))
        self.fails(1, "model", "run", "p.einet", "--input", "x.npy", says="no weights")


class StreamTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.copy_bundle()
        self.ok("profile", "copy.einet", "--timing-only", "--budget", "50ms", "--no-tune")
        self.run_images = ["run", "copy.einet", "fashion-mnist:0", "fashion-mnist:1", "--no-tune", "--distribution", "deadline:1s"]

    def test_every_answer_is_a_line(self):
        answers = [len(result["answers"]) for result in self.json(*self.run_images)]
        for _ in range(5):
            lines = self.ok(*self.run_images, "--stream").splitlines()
            self.assertEqual([sum(line.startswith(f"fashion-mnist:{i}: ") for line in lines) for i in (0, 1)], answers)

    def test_json_has_an_object_per_line(self):
        for deadline in ([], ["--deadline", "1ns"]):
            images = {}
            for line in self.ok(*self.run_images, *deadline, "--stream", "--json").splitlines():
                entry = json.loads(line)
                images.setdefault(entry["input"], []).append(entry)
            self.assertEqual(list(images), ["fashion-mnist:0", "fashion-mnist:1"])
            for *answers, end in images.values():
                self.assertEqual(end["answers"], len(answers))
                self.assertEqual(end["interrupted"], bool(deadline))
                exits = [answer["exit"] for answer in answers]
                self.assertEqual(exits, sorted(set(exits)))
                for answer in answers:
                    self.assertLessEqual({"label", "name", "confidence", "elapsed_seconds"}, set(answer))


class NameTest(CommandTest):
    def test_files_whose_names_are_not_utf8(self):
        path = os.path.join(os.fsencode(self.dir), LATIN)
        with open(path, "wb") as file:
            file.write(b"P5 28 28 255\n" + bytes(784))
        for options in [[], ["--stream"]]:
            done = subprocess.run([os.fsencode(os.environ["EINET"]), b"run", os.fsencode(SHIPPED), path, b"--json", *map(os.fsencode, options)],
                                  cwd=self.dir, capture_output=True, timeout=300, stdin=subprocess.DEVNULL)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("caf\ufffd.pgm", done.stdout.decode())


class ExampleTest(CommandTest):
    def hello(self, bundle):
        return subprocess.run([EXAMPLES / "hello", bundle], cwd=self.dir, capture_output=True, text=True, timeout=300)

    def test_it_answers(self):
        done = self.hello(SHIPPED)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^([\w/ -]+ \(\d+ %\) from exit \d+|no answer yet)\n$")

    def test_initial_answers(self):
        inputs = ["fashion-mnist:0", "fashion-mnist:1"]
        run = ["run", SHIPPED, *inputs, "--deadline", "1ns", "--no-tune"]
        for result in self.json(*run):
            self.assertIsNone(result["answer"])
            self.assertNotIn("initial", result)
        for result in self.json(*run, "--initial", "frequent"):
            self.assertIsNone(result["answer"], "an initial answer is not an answer of the network")
            self.assertAlmostEqual(result["initial"]["confidence"], 0.1, places=3)
        self.assertIn("none yet; initial answer", self.ok(*run, "--initial", "frequent"))
        line = json.loads(self.ok(*run, "--initial", "frequent", "--stream", "--json").splitlines()[-1])
        self.assertEqual((line["answers"], line["initial"]["label"]), (0, 0))
        for result in self.json(*run, "--initial", "previous"):
            self.assertNotIn("initial", result, "no run has an answer")
        (result,) = self.json("run", SHIPPED, inputs[0], "--initial", "frequent", "--no-tune")
        self.assertIsNotNone(result["answer"])
        self.assertNotIn("initial", result)
        self.fails(2, *run, "--initial", "often", says="--initial")

    def test_a_bundle_without_labels(self):
        manifest = json.loads((self.copy_bundle() / "manifest.json").read_text())
        manifest["labels"] = []
        (self.dir / "copy.einet" / "manifest.json").write_text(json.dumps(manifest))
        done = self.hello("copy.einet")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^(\d \(\d+ %\) from exit \d+|no answer yet)\n$")
        (result,) = self.json("run", "copy.einet", "fashion-mnist:0")
        self.assertEqual(result["answer"]["name"], "9")

    def test_a_missing_bundle(self):
        done = self.hello("none.einet")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (1, "", "hello: none.einet: no such bundle\n"))


if __name__ == "__main__":
    unittest.main()
