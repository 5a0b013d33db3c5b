"""einet model choose-exits: the best set of exits of a bundle."""
import unittest

from harness import SHIPPED, CommandTest

PLATFORM = "intel-xeon-processor-1t-f32"


class ChooseExitsTest(CommandTest):
    def choose(self, *args):
        return self.json("model", "choose-exits", SHIPPED, "--platform", PLATFORM, "-o", "out.einet", *args)

    def test_all_parts_of_the_bundle_agree(self):
        chosen = self.choose("--max-exits", "4", "--svg", "plan.svg")
        self.assertLessEqual(chosen["after"]["exits"], 4)
        self.assertLess(chosen["after"]["parameters"], chosen["before"]["parameters"])
        self.assertLessEqual(chosen["after"]["expectation"], chosen["before"]["expectation"] + 1e-9)
        self.assertAlmostEqual(chosen["upper_bound"], chosen["after"]["expectation"], places=9)
        self.assertIn("<svg", (self.dir / "plan.svg").read_text())
        info = self.json("bundle", "info", "out.einet")
        self.assertEqual(len(info["exits"]), chosen["after"]["exits"])
        self.assertEqual(info["name"], "out")
        # The remaining exits have the same value for the planner, on the same horizon.
        again = self.json("model", "choose-exits", "out.einet", "--platform", PLATFORM, "-o", "again.einet",
                          "--horizon", f"{chosen['platforms'][0]['horizon_seconds'] * 1e9:.0f}ns")
        self.assertAlmostEqual(again["before"]["expectation"], chosen["after"]["expectation"], places=5)
        self.assertEqual(again["after"]["exits"], chosen["after"]["exits"])
        for exit in chosen["exits"]:
            self.assertGreater(exit["value"], 0)

    def test_limits_and_distributions(self):
        small = self.choose("--max-parameters", "60000")
        self.assertLessEqual(small["after"]["parameters"], 60000)
        one = self.json("model", "choose-exits", SHIPPED, "--platform", PLATFORM, "-o", "one.einet", "--distribution", "deadline:1ms")
        self.assertEqual(one["after"]["exits"], 1)
        two = self.json("model", "choose-exits", SHIPPED, "--platform", PLATFORM, "-o", "two.einet", "--distribution", "deadline:200us",
                        "--keep-last")
        self.assertEqual((two["after"]["exits"], two["exits"][-1]["was"]), (2, two["before"]["exits"]))
        self.assertEqual(two["exits"][-1]["value"], 0)

    def test_errors(self):
        choose = ["model", "choose-exits", SHIPPED, "-o", "out.einet"]
        self.fails(2, *choose, "--platform", PLATFORM, "--max-parameters", "1", says=["no exit at all"])
        self.fails(2, *choose, "--platform", "nowhere", says=["nowhere", PLATFORM])
        self.fails(2, *choose, "--platform", PLATFORM, "--measure", says="--measure")
        self.fails(2, "model", "choose-exits", SHIPPED, says="--output")
        self.fails(1, "model", "choose-exits", "none.einet", "-o", "out.einet", says="none.einet")


if __name__ == "__main__":
    unittest.main()
