"""Two lanes: --lanes of profile, plan, eval, compare and run."""
import json
import os
import unittest

from bundle_test import seal
from harness import SHIPPED, CommandTest

PLATFORM = "intel-xeon-processor-1t-f32"


class LanesTest(CommandTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cache = os.environ.get("EINET_CACHE")

    def setUp(self):
        super().setUp()
        os.environ["EINET_CACHE"] = str(self.dir / "cache")
        self.addCleanup(self.restore)

    def restore(self):
        if self.cache is None:
            del os.environ["EINET_CACHE"]
        else:
            os.environ["EINET_CACHE"] = self.cache

    def with_lane_times(self, slower=1.0, name="copy.einet"):
        """A copy of the bundle whose times of another machine include two lanes."""
        bundle = self.copy_bundle(name)
        file = bundle / "timing" / f"{PLATFORM}.json"
        timing = json.loads(file.read_text())
        timing["lanes"] = {"samples": 10, "waiting": 0.0, "conv": timing["conv"], "branch": timing["branch"],
                           "busy": [slower * conv["p50"] for conv in timing["conv"]], "planning": []}
        file.write_text(json.dumps(timing))
        seal(bundle)
        return bundle

    def test_profile_stores_the_times_of_two_lanes(self):
        bundle = self.copy_bundle()
        one = self.json("profile", bundle, "--timing-only", "--no-tune", "--budget", "100ms")
        self.assertNotIn("two_lanes", one["exits"][0])
        done = self.einet("profile", bundle, "--timing-only", "--no-tune", "--budget", "100ms", "--lanes", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("with two lanes", done.stdout)
        both = self.json("profile", bundle, "--timing-only", "--no-tune", "--budget", "100ms", "--lanes", "2")
        for exit in both["exits"]:
            lanes = exit["two_lanes"]
            self.assertGreater(lanes["branch_seconds"], 0)
            self.assertGreaterEqual(lanes["busy_conv_seconds"], lanes["conv_seconds"])
        stored = json.loads((bundle / "timing" / (both["platform"] + ".json")).read_text())
        self.assertEqual(len(stored["lanes"]["branch"]), 20)
        self.assertIn("decisions", stored["lanes"])
        self.ok("bundle", "info", bundle)
        plan = self.json("plan", bundle, "--lanes", "2", "--platform", both["platform"])
        self.assertEqual(plan["lanes"], 2)
        self.assertEqual(self.json("plan", bundle, "--platform", both["platform"])["lanes"], 1)

    def test_a_second_lane_without_contention_raises_the_expectation(self):
        bundle = self.with_lane_times()
        one = self.json("plan", bundle, "--platform", PLATFORM)
        two = self.json("plan", bundle, "--platform", PLATFORM, "--lanes", "2")
        self.assertEqual(one["horizon_seconds"], two["horizon_seconds"])
        self.assertGreater(two["expectation"], one["expectation"])
        self.assertAlmostEqual(two["upper_bound"], two["expectation"], places=12)
        self.assertGreater(len(two["plan"]), len(one["plan"]))
        slower = self.json("plan", self.with_lane_times(3.0, "slow.einet"), "--platform", PLATFORM, "--lanes", "2")
        self.assertLess(slower["expectation"], two["expectation"])
        for planner in ("greedy", "hybrid-2", "static-50", "random-10", "threshold"):
            plan = self.json("plan", bundle, "--platform", PLATFORM, "--lanes", "2", "--planner", planner)
            self.assertLessEqual(plan["expectation"], two["expectation"] + 1e-12)
        later = self.json("plan", bundle, "--platform", PLATFORM, "--lanes", "2", "--given", "1=0.5")
        self.assertEqual(later["start_exit"], 1)
        self.assertGreater(min(later["plan"]), 1)
        self.ok("plan", bundle, "--platform", PLATFORM, "--lanes", "2", "--svg", "lanes.svg")
        self.assertIn("<svg", (self.dir / "lanes.svg").read_text())

    def test_eval_and_compare_simulate_two_lanes(self):
        bundle = self.with_lane_times()
        def score(report, name):
            return next(m for m in report["methods"] if m["name"] == name)["overall_accuracy"]
        one = self.json("eval", bundle, "--platform", PLATFORM)
        two = self.json("eval", bundle, "--platform", PLATFORM, "--lanes", "2")
        self.assertGreater(score(two, "static-optimal"), score(one, "static-optimal"))
        self.assertAlmostEqual(score(two, "classic"), score(one, "classic"), places=9)
        compared = self.json("compare", bundle, bundle, "--platform", PLATFORM, "--lanes", "2")
        self.assertAlmostEqual(compared["bundles"][0]["methods"][-1]["overall_accuracy"], score(two, "static-optimal"), places=9)

    def test_run_answers_as_with_one_lane(self):
        one = self.json("run", SHIPPED, "fashion-mnist:17", "--no-tune")[0]
        two = self.json("run", SHIPPED, "fashion-mnist:17", "--no-tune", "--lanes", "2")[0]
        self.assertEqual(two["answer"]["label"], one["answer"]["label"])
        exits = [answer["exit"] for answer in two["answers"]]
        self.assertEqual(exits, sorted(set(exits)))
        isolated = self.json("run", SHIPPED, "fashion-mnist:17", "--no-tune", "--lanes", "2", "--isolate")[0]
        self.assertEqual(isolated["answer"]["label"], one["answer"]["label"])

    def test_invalid_input(self):
        for command in (["plan"], ["eval"], ["compare"], ["profile", "--timing-only"]):
            for lanes in ("0", "3", "two", "-1"):
                self.fails(2, *command, SHIPPED, "--lanes", lanes, says="--lanes")
        self.fails(2, "run", SHIPPED, "fashion-mnist:0", "--lanes", "3", says="--lanes")
        # A bundle profiled without two lanes: the command that measures them is named.
        for command in ("plan", "eval", "compare"):
            self.fails(1, command, SHIPPED, "--lanes", "2", "--platform", PLATFORM,
                       says=[PLATFORM, "two lanes", "einet profile"])
        done = self.einet("plan", SHIPPED, "--lanes", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("no times with two lanes of this machine: measured now", done.notes[0])
        bundle = self.with_lane_times()
        file = bundle / "timing" / f"{PLATFORM}.json"
        timing = json.loads(file.read_text())
        del timing["lanes"]["busy"][0]
        file.write_text(json.dumps(timing))
        seal(bundle)
        self.fails(1, "plan", bundle, "--lanes", "2", "--platform", PLATFORM, says=[PLATFORM, "two lanes"])

    def test_two_threads_per_block_and_two_lanes_exclude_each_other(self):
        if len(os.sched_getaffinity(0)) < 2:
            self.skipTest("needs two processors")
        self.fails(2, "profile", self.copy_bundle(), "--timing-only", "--no-tune", "--threads", "2", "--lanes", "2",
                   says="second thread")
        self.fails(2, "run", SHIPPED, "fashion-mnist:0", "--no-tune", "--threads", "2", "--lanes", "2",
                   says="second thread")


if __name__ == "__main__":
    unittest.main()
