"""plan(), expectation(), evaluate(), compare()."""
import itertools
import json
import os
import subprocess
import xml.etree.ElementTree

import einet
from bundles import SHIPPED, SOURCE, PythonTest, unittest

Kind = einet.ErrorKind


class PlanningTest(PythonTest):
    times = einet.BlockTimes([1, 1, 1, 1], [0.5, 1, 0.5, 1])
    scores = [0.2, 0.6, 0.5, 0.8]

    def test_the_best_plan_is_that_of_brute_force(self):
        best = max((einet.expectation(self.times, self.scores, exits), exits)
                   for count in range(5) for exits in itertools.combinations(range(4), count))
        plan = einet.plan(self.times, self.scores)
        self.assertAlmostEqual(plan.expectation, best[0])
        self.assertAlmostEqual(einet.expectation(self.times, self.scores, plan.exits), plan.expectation)
        self.assertAlmostEqual(plan.upper_bound, plan.expectation)

    def test_by_hand(self):
        # One output at 1.5 of 7.
        self.assertAlmostEqual(einet.expectation(self.times, self.scores, [0]), 0.2 * 5.5 / 7)
        self.assertAlmostEqual(einet.expectation(self.times, self.scores, [0], horizon=3.0), 0.2 * 0.5)
        self.assertEqual(einet.expectation(self.times, self.scores, []), 0)

    def test_deadlines_distributions_and_planners(self):
        known = einet.plan(self.times, self.scores, deadline=3.0)
        until = einet.plan(self.times, self.scores, distribution="uniform until 3s")
        self.assertAlmostEqual(known.expectation, until.expectation)
        self.assertLess(known.expectation, einet.plan(self.times, self.scores).expectation)
        self.assertEqual(einet.plan(self.times, self.scores, planner="static-100").exits, [0, 1, 2, 3])
        self.assertIn("hybrid", einet.planner_names())
        self.assertTrue(einet.distribution_forms())
        with self.refused(Kind.USAGE, "did you mean 'exact'"):
            einet.plan(self.times, self.scores, planner="exakt")
        with self.refused(Kind.USAGE):
            einet.plan(self.times, self.scores, distribution="unifrom")

    def test_pictures(self):
        plan = einet.plan(self.times, self.scores)
        self.assertEqual(plan._repr_svg_(), plan.svg())
        self.assertTrue(xml.etree.ElementTree.fromstring(plan.svg()).tag.endswith("svg"))

    def test_what_is_refused(self):
        with self.refused(Kind.INVALID_DATA, "3 scores for 4 exits"):
            einet.plan(self.times, [0.1] * 3)
        for wrong in (float("nan"), -0.1, 1.5):
            with self.refused(Kind.INVALID_DATA, "not a probability"):
                einet.expectation(self.times, [0.1, 0.2, 0.3, wrong], [0])
        for wrong in (-1, 4):
            with self.refused(Kind.USAGE, "not one of 0 to 3"):
                einet.expectation(self.times, self.scores, [wrong])
        with self.refused(Kind.INVALID_DATA):
            einet.BlockTimes([1.0], [1.0, 2.0])
        with self.refused(Kind.INVALID_DATA):
            einet.BlockTimes([float("inf")], [1.0])
        with self.assertRaises(TypeError):
            einet.plan(self.times, "scores")


class EvaluationTest(PythonTest):
    platform = "intel-xeon-processor-1t-f32"

    def command(self, *arguments):
        return json.loads(subprocess.run([os.environ["EINET"], *arguments, "--json"], check=True, capture_output=True,
                                         text=True).stdout)

    def test_figures_are_those_of_the_command(self):
        bundle = SOURCE / "bundles" / "cifar100-b-alexnet.einet"
        figures = einet.evaluate(bundle, platform=self.platform)
        expected = self.command("eval", str(bundle), "--platform", self.platform)
        for data in (figures.data, expected):
            for method in data["methods"]:
                method.pop("planning_seconds")
                if method["name"] == "paper":  # Its planning cost is measured anew.
                    method.clear()
        self.assertEqual(figures.data.keys(), expected.keys())
        self.assertEqual(figures.data["exits"], expected["exits"])
        self.assertIn("static-optimal", str(figures))

    def test_compare(self):
        bundles = [SOURCE / "bundles" / f"cifar10-{name}.einet" for name in ("b-alexnet", "msdnet21-small")]
        data = einet.compare(bundles, platform=self.platform).data
        self.assertEqual(data, self.command("compare", *map(str, bundles), "--platform", self.platform))

    def test_what_is_refused(self):
        with self.refused(Kind.USAGE, "abacus"):
            einet.evaluate(SHIPPED, platform="abacus")
        with self.refused(Kind.NOT_FOUND):
            einet.evaluate(self.dir / "nowhere.einet")
        with self.refused(Kind.USAGE):
            einet.compare([])


if __name__ == "__main__":
    unittest.main()
