"""einet reproduce: files, values, errors."""
import csv
import html.parser
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest
import xml.etree.ElementTree as ElementTree

from harness import EINET, SOURCE, TRAINS, CommandTest

PLATFORM = ["--platform", "intel-xeon-processor-1t-f32"]
SMALL = ["cifar10-b-alexnet", "cifar100-b-alexnet"]


class Outside(html.parser.HTMLParser):
    """What a page refers to outside of itself."""

    def __init__(self):
        super().__init__()
        self.loaded, self.links = [], []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "src" or (tag == "link" and name == "href"):
                self.loaded.append(value)
            elif name == "href" and not value.startswith("#"):
                self.links.append(value)


class ReproduceTest(CommandTest):
    def setUp(self):
        super().setUp()
        (self.dir / "bundles").mkdir()

    def add(self, *names):
        for name in names:
            shutil.copytree(SOURCE / "bundles" / f"{name}.einet", self.dir / "bundles" / f"{name}.einet")

    def rows(self, name):
        with open(self.dir / "report" / name, newline="") as file:
            return list(csv.DictReader(file))

    def test_values_are_those_of_eval(self):
        self.add(*SMALL)
        self.ok("reproduce", "table2", *PLATFORM)
        for table, protocol in (("table2-1.csv", []), ("table2-2.csv", ["--same-samples"])):
            rows = {row["bundle"]: row for row in self.rows(table)}
            self.assertEqual(len(rows), 12)
            for name in SMALL:
                report = self.json("eval", f"bundles/{name}.einet", *PLATFORM, *protocol)
                methods = {method["name"]: method for method in report["methods"]}
                for column, method in (("static_optimal", "static-optimal"), ("einet", "einet")):
                    self.assertEqual(float(rows[name][column]), methods[method]["overall_accuracy"])
                    self.assertEqual(float(rows[name][column + "_stderr"]), methods[method]["stderr"])
                self.assertEqual(float(rows[name]["einet_gain"]), methods["einet"]["over_static_optimal"])
                self.assertEqual(float(rows[name]["einet_gain_stderr"]), methods["einet"]["over_static_optimal_stderr"])
                # The planning time of the published method is measured anew by every command.
                self.assertAlmostEqual(float(rows[name]["published"]), methods["paper"]["overall_accuracy"], delta=0.03)
            missing = rows["cifar10-vgg16-small"]
            self.assertEqual(missing["einet"], "")
            self.assertIn("scripts/make-bundle cifar10 vgg16-small", missing["note"])

    def test_the_page_is_complete(self):
        self.add(*SMALL, "cifar10-msdnet40-small")
        # The elastic variants have no times of this platform.
        shutil.copytree(SOURCE / "bundles/cifar10-vgg16-small.einet", self.dir / "bundles/cifar10-b-alexnet-elastic.einet")
        names = ["table2", "figure7", "figure8", "figure12", "today"]
        result = self.json("reproduce", *names, *PLATFORM, "-o", "page")
        self.assertEqual([item["name"] for item in result["items"]], names)
        page = self.dir / "page" / "index.html"
        root = ElementTree.parse(page).getroot()  # XHTML.
        ids = [section.get("id") for section in root.iter("{http://www.w3.org/1999/xhtml}section")]
        self.assertEqual(ids, ["summary", *names])
        outside = Outside()
        outside.feed(page.read_text())
        self.assertEqual(outside.loaded, [])
        for link in outside.links:
            self.assertTrue((self.dir / "page" / link).is_file(), link)
        for item in result["items"]:
            self.assertTrue(item["agreement"], item["name"])
            for key in ("protocol", "data"):
                self.assertTrue(item[key], item["name"])
        pictures = sorted(path.name for path in (self.dir / "page").glob("*.svg"))
        self.assertEqual(pictures, ["figure12.svg", "figure7-1.svg", "figure7-2.svg", "figure7-3.svg", "figure8.svg",
                                    "table2-1.svg", "table2-2.svg", "today.svg"])
        for path in (self.dir / "page").glob("*.svg"):
            self.assertTrue(ElementTree.parse(path).getroot().tag.endswith("svg"))
        # Profiles without predictors: everything that needs none is there.
        row = next(row for row in result["items"][0]["tables"][0]["rows"] if row["bundle"] == "cifar10-msdnet40-small")
        self.assertGreater(row["static_optimal"], 0)
        self.assertIsNone(row["published"])
        self.assertIn("einet predictor fit", row["note"])
        elastic = result["items"][-1]["tables"][1]["rows"]
        compared = self.json("compare", "bundles/cifar10-b-alexnet.einet", "bundles/cifar10-b-alexnet-elastic.einet", *PLATFORM)
        expected = {method["name"]: method for method in compared["bundles"][1]["methods"]}
        self.assertEqual(elastic[0]["elastic_einet"], expected["einet"]["overall_accuracy"])
        self.assertEqual(elastic[0]["elastic_gain"], expected["einet"]["over_first"])

    def test_bundles_of_ones_own(self):
        shutil.copytree(SOURCE / "bundles" / "cifar10-b-alexnet.einet", self.dir / "bundles" / "mine.einet")
        self.ok("reproduce", "table2", *PLATFORM)
        self.assertEqual([row["bundle"] for row in self.rows("table2-1.csv") if row["einet"]], ["mine"])

    def test_names(self):
        listed = [line.split()[0] for line in self.ok("reproduce", "--list").splitlines()]
        for name in ("table2", "figure3", "figure7", "figure8", "figure9", "figure10", "figure11", "figure12", "today"):
            self.assertIn(name, listed)
        self.assertEqual([item["name"] for item in self.json("reproduce", "--list", "figure7")], ["figure7"])
        self.fails(2, "reproduce", "tabel2", says=["did you mean table2", "figure12"])
        self.fails(2, "reproduce", "table2", "everything", says=["everything", "table2"])

    def test_a_damaged_bundle_is_named_and_the_rest_is_shown(self):
        self.add(*SMALL)
        (self.dir / "bundles" / "cifar10-b-alexnet.einet" / "confidence.npz").write_bytes(b"damaged")
        done = self.einet("reproduce", "table2", *PLATFORM)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn("cifar10-b-alexnet.einet/confidence.npz", done.stderr)
        rows = {row["bundle"]: row for row in self.rows("table2-1.csv")}
        self.assertIn("confidence.npz", rows["cifar10-b-alexnet"]["note"])
        self.assertGreater(float(rows["cifar100-b-alexnet"]["einet"]), 0)
        self.assertTrue((self.dir / "report" / "index.html").is_file())

    def test_a_bundle_without_times_of_the_platform_is_a_row(self):
        self.add(*SMALL)
        timing = self.dir / "bundles" / "cifar10-b-alexnet.einet" / "timing"
        self.assertTrue((timing / f"{PLATFORM[1]}.json").is_file())
        self.add("cifar10-b-alexnet-elastic")  # Was measured on another machine.
        self.ok("reproduce", "table2", *PLATFORM)
        rows = {row["bundle"]: row for row in self.rows("table2-1.csv")}
        self.assertGreater(float(rows["cifar10-b-alexnet"]["einet"]), 0)
        self.assertEqual(rows["cifar10-b-alexnet-elastic"]["einet"], "")
        self.assertIn(f"no times: platform '{PLATFORM[1]}': the bundle has times of amd-epyc",
                      rows["cifar10-b-alexnet-elastic"]["note"])
        self.fails(2, "reproduce", "table2", "--platform", "abacus", says=["abacus", "no bundle in bundles", "bundle info"])

    def test_refusals(self):
        self.fails(1, "reproduce", "table2", "--bundles", "nowhere", says=["nowhere", "--bundles"])
        (self.dir / "file").write_text("")
        self.fails(1, "reproduce", "table2", "-o", "file", says="file")
        self.fails(2, "reproduce", "table2", "--distribution", "unifrom", says="uniform")
        self.fails(2, "reproduce", "table2", "--seed", "x", says="seed")

    @unittest.skipIf(os.geteuid() == 0, "root can write everywhere")
    def test_a_folder_that_cannot_be_written_is_refused_first(self):
        (self.dir / "closed").mkdir(mode=0o500)
        self.fails(1, "reproduce", "table2", "-o", "closed", says="closed")


class ReproduceTrainTest(CommandTest):
    """`--train` with 16 of the 17 networks of figure 13: only the missing one is trained."""
    NAME = "figure13/channels-2"
    PLATFORM = ["--platform", "amd-epyc-1t-f32-7e02d1da"]  # No new measurements of the other 16.

    def setUp(self):
        super().setUp()
        shutil.copytree(SOURCE / "bundles" / "figure13", self.dir / "bundles" / "figure13",
                        ignore=shutil.ignore_patterns("channels-2.einet"))
        self.checkpoint = self.dir / "checkpoints" / self.NAME / "checkpoint.npz"

    def processes(self):
        """Running processes whose working directory is that of the test."""
        found = []
        for link in pathlib.Path("/proc").glob("[0-9]*/cwd"):
            try:
                if link.resolve() == self.dir.resolve():
                    found.append(link.parent.name)
            except OSError:
                pass
        return found

    def wait(self, condition, seconds):
        until = time.monotonic() + seconds
        while not condition() and time.monotonic() < until:
            time.sleep(0.01)
        return condition()

    @unittest.skipUnless(TRAINS, "this build has no training")
    def test_the_missing_bundle_is_made_and_a_killed_training_continues(self):
        arguments = ["reproduce", "figure13", "--train", *self.PLATFORM]
        process = subprocess.Popen([EINET, *arguments], cwd=self.dir, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.assertTrue(self.wait(self.checkpoint.exists, 300))
        os.kill(process.pid, signal.SIGKILL)
        self.assertEqual(process.wait(), -signal.SIGKILL, "it was still running")
        self.assertTrue(self.wait(lambda: not self.processes(), 30), "the training ends with the command")
        self.assertFalse((self.dir / "bundles" / f"{self.NAME}.einet").exists())

        done = self.einet(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        commands = [line for line in done.stderr.splitlines() if line.startswith("einet ")]
        self.assertEqual([line.split()[1] for line in commands], ["model", "train", "profile"], done.stderr)
        self.assertIn("--resume", commands[1])
        report = self.json("eval", f"bundles/{self.NAME}.einet")
        self.assertEqual(report["samples"], 10000)
        self.assertGreater(max(e["accuracy"] for e in report["exits"]), 0.6)
        # Its times are of this machine only, which may be another one than PLATFORM.
        with open(self.dir / "report" / "figure13-1.csv", newline="") as file:
            rows = {row["property"] + row["value"]: row for row in csv.DictReader(file)}
        self.assertTrue(rows["channels2"]["einet"] or "no times" in rows["channels2"]["note"], rows["channels2"])
        self.assertGreater(float(rows["channels4"]["einet"]), 0.5)

        again = self.einet(*arguments)  # Nothing is left to do.
        self.assertEqual((again.returncode, again.stderr), (0, ""))

    @unittest.skipUnless(TRAINS, "this build has no training")
    def test_what_is_missing_is_reported_first(self):
        self.fails(1, "reproduce", "figure8", "--train", "--dir", "nowhere", says=["cifar10", "nowhere", "einet data get cifar10"])
        (self.dir / "checkpoints").write_text("a file")
        self.fails(1, "reproduce", "figure13", "--train", says="checkpoints")

    @unittest.skipIf(TRAINS, "this build has training")
    def test_a_build_without_training_refuses(self):
        self.fails(1, "reproduce", "figure13", "--train", says=["reproduce --train", "-DEINET_TRAIN=ON"])


if __name__ == "__main__":
    unittest.main()
