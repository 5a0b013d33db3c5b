"""profile(), choose_exits() and reproduce(): what the commands do, from Python."""
import json
import os
import shutil
import subprocess

import numpy

import einet
from bundles import SHIPPED, SOURCE, PythonTest, unittest

Kind = einet.ErrorKind


class PipelineTest(PythonTest):
    def command(self, *args):
        done = subprocess.run([os.environ["EINET"], *map(str, args), "--json"], check=True, capture_output=True)
        return json.loads(done.stdout)

    def network(self):
        path = self.dir / "network.onnx"
        self.command("model", "build", "msdnet", "--set", "blocks=3", "--set", "channels=4", "--set", "growth=2", "--input",
                     "1x28x28", "-o", path)
        return path

    def images(self, count=64):
        random = numpy.random.default_rng(1)
        return random.random((count, 1, 28, 28), numpy.float32), numpy.arange(count) % 10

    def test_profile_with_arrays(self):
        images, labels = self.images()
        stages = []
        names = [f"class {i}" for i in range(10)]
        found = einet.profile(self.network(), self.dir / "a.einet", images=images, labels=labels, label_names=names,
                              budget=0.1, tune=False, progress=lambda stage, done, total, note: stages.append(stage))
        self.assertTrue(stages)
        self.assertEqual(found["samples"], 64)
        self.assertEqual(len(found["exits"]), 3)
        model = einet.Model(self.dir / "a.einet", tune=False)
        self.assertEqual(list(model.labels), names)
        # The confidences belong to the images that sessions take: the accuracies are those of single runs.
        session = einet.Session(model)
        right, answered = numpy.zeros(model.exits), numpy.zeros(model.exits)
        for image, label in zip(images, labels):
            session.run(image)
            for answer in session.answers():
                answered[answer.exit] += 1
                right[answer.exit] += answer.label == label
        everywhere = [exit for exit in range(model.exits) if answered[exit] == len(images)]
        self.assertTrue(everywhere)
        for exit in everywhere:
            self.assertAlmostEqual(right[exit] / len(images), found["exits"][exit]["accuracy"], delta=0.04)

    def test_profile_is_what_the_command_measures(self):
        copy = self.dir / "copy.einet"
        shutil.copytree(SHIPPED, copy)
        expected = self.command("profile", copy, "--data", "fashion-mnist", "--limit", 200, "--budget", "100ms", "--no-tune",
                                "--force")
        found = einet.profile(copy, data="fashion-mnist", limit=200, budget=0.1, tune=False, force=True)
        self.assertEqual([e["accuracy"] for e in found["exits"]], [e["accuracy"] for e in expected["exits"]])
        self.assertEqual(found["bundle"], str(copy))
        again = einet.profile(copy, budget=0.1, tune=False)
        self.assertEqual([e["accuracy"] for e in again["exits"]], [e["accuracy"] for e in expected["exits"]])

    def test_what_profile_refuses(self):
        network = self.network()
        images, labels = self.images(8)
        out = self.dir / "out.einet"
        with self.refused(Kind.USAGE, "NAME.einet"):
            einet.profile(network, images=images, labels=labels)
        with self.refused(Kind.USAGE, "together"):
            einet.profile(network, out, images=images)
        with self.refused(Kind.INVALID_DATA, "image", "float64"):
            einet.profile(network, out, images=images.astype(numpy.float64), labels=labels)
        with self.refused(Kind.INVALID_DATA, "image", "[8,1,28,27]"):
            einet.profile(network, out, images=numpy.ascontiguousarray(images[..., :27]), labels=labels)
        with self.refused(Kind.INVALID_DATA, "labels", "one number for each image"):
            einet.profile(network, out, images=images, labels=labels[:7])
        with self.refused(Kind.INVALID_DATA, "labels", "10 is not one of the classes 0 to 9"):
            einet.profile(network, out, images=images, labels=labels + 3)
        with self.refused(Kind.INVALID_DATA, "labels", "4294967296 is not one"):
            einet.profile(network, out, images=images, labels=labels + 2**32)
        with self.refused(Kind.INVALID_DATA, "labels", "integers"):
            einet.profile(network, out, images=images, labels=labels.astype(float))
        with self.refused(Kind.INVALID_DATA, "not finite"):
            einet.profile(network, out, images=numpy.full_like(images, numpy.nan), labels=labels)
        with self.refused(Kind.USAGE, "auto, keep"):
            einet.profile(network, out, images=images, labels=labels, log_probabilities="some")
        with self.refused(Kind.NOT_FOUND, "missing.einet"):
            einet.profile(self.dir / "missing.einet", images=images, labels=labels)
        with self.refused(Kind.NOT_FOUND, "missing.onnx"):
            einet.profile(self.dir / "missing.onnx", out, images=images, labels=labels)
        self.assertFalse(out.exists())

    def test_an_exception_of_the_callback_ends_the_work(self):
        images, labels = self.images()

        def stop(*_):
            raise KeyboardInterrupt

        with self.assertRaises(KeyboardInterrupt):
            einet.profile(self.network(), self.dir / "out.einet", images=images, labels=labels, progress=stop)
        self.assertFalse((self.dir / "out.einet").exists())

    def test_choose_exits(self):
        platform = self.command("bundle", "info", SHIPPED)["timings"][0]["platform"]
        options = ["--platform", platform, "--max-exits", 3]
        expected = self.command("model", "choose-exits", SHIPPED, "-o", self.dir / "command.einet", *options)
        chosen = einet.choose_exits(SHIPPED, self.dir / "module.einet", platforms=[platform], max_exits=3)
        self.assertEqual(chosen.data, expected)
        self.assertIn("<svg", chosen._repr_svg_())
        self.assertIn("3 of", repr(chosen))
        self.assertEqual(einet.Model(self.dir / "module.einet", tune=False).exits, 3)
        with self.refused(Kind.USAGE, "horizon"):
            einet.choose_exits(SHIPPED, self.dir / "other.einet", horizon=-1.0)
        with self.refused(Kind.USAGE, ".einet"):
            einet.choose_exits(SHIPPED, self.dir / "other")

    def test_pictures_of_figures(self):
        platform = self.command("bundle", "info", SHIPPED)["timings"][0]["platform"]
        for figures in (einet.evaluate(SHIPPED, platform=platform), einet.compare([SHIPPED], platform=platform)):
            self.assertIn("<svg", figures._repr_svg_())
            self.assertIn("static-optimal", figures.svg())

    def test_reproduce(self):
        self.assertIn("table2", einet.reproducible())
        bundles = self.dir / "bundles"
        bundles.mkdir()
        shutil.copytree(SOURCE / "bundles" / "mnist-b-alexnet.einet", bundles / "mnist-b-alexnet.einet")
        found = einet.reproduce(["table2"], output=self.dir / "report", bundles=bundles)
        self.assertEqual([item["name"] for item in found["items"]], ["table2"])
        self.assertEqual(found["errors"], [])
        self.assertTrue((self.dir / "report" / "index.html").exists())
        with self.refused(Kind.USAGE, "table9"):
            einet.reproduce(["table9"], output=self.dir / "report", bundles=bundles)


if __name__ == "__main__":
    unittest.main()
