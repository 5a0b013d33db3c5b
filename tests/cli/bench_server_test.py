"""einet bench server: its table, its JSON and its errors."""
import re
import unittest

from harness import SHIPPED, CommandTest
from server_harness import ServerTest

SHORT = ["--seconds", "0.2", "--rounds", "2", "--rate", "200", "--no-tune"]


class BenchServerTest(CommandTest):
    def test_rows(self):
        report = self.json("bench", "server", SHIPPED, "--measure", "--timeouts", "1us,10s,none", *SHORT)
        self.assertEqual(report["rate"], 200)
        self.assertGreaterEqual(report["sessions"], 1)
        rows = report["rows"]
        self.assertEqual([(row["timeout_us"], row["network"], row["protocol"]) for row in rows],
                         [(timeout, network, protocol) for timeout in (1, 10_000_000, None)
                          for network in ("elastic", "single exit") for protocol in ("REST", "gRPC")])
        for row in rows:
            self.assertEqual(row["requests"], 40)
            for part in (row, row["predicted"]):
                self.assertEqual(part["answered"], 0 if row["timeout_us"] == 1 else 1)
                self.assertEqual(part["right"] > 0.5, row["timeout_us"] != 1)
            if row["timeout_us"] == 1:
                self.assertEqual(row["refusals"], {"504" if row["protocol"] == "REST" else "DEADLINE_EXCEEDED": 40})
                continue
            # With ample time, the served network answers as in the profile, and all protocols alike.
            self.assertAlmostEqual(row["right"], row["predicted"]["right"], delta=0.051)
            self.assertEqual(row["latency"]["samples"], 40)
            self.assertLessEqual(row["latency"]["p50_seconds"], row["latency"]["p99_seconds"])
        singles = [row["answers_by_exit"] for row in rows if row["network"] == "single exit" and row["answered"]]
        self.assertEqual(singles, [[40]] * 4)

    def test_table(self):
        text = self.ok("bench", "server", SHIPPED, "--measure", "--timeouts", "T,none", *SHORT)
        self.assertRegex(text, r"to run everything, \d+ sessions?, 200 requests per second\n")
        self.assertEqual(len(re.findall(r"^\S.* (?:elastic|single exit) +(?:REST|gRPC) +40 ", text, re.M)), 8)

    def test_errors(self):
        self.fails(2, "bench", "server", says="bundle")
        self.fails(1, "bench", "server", SHIPPED, *SHORT, says=["has no times of this machine", "--measure"])
        self.fails(1, "bench", "server", "absent.einet", says="absent.einet")
        for timeouts in ("x", "0", "-1ms", "none,1"):
            self.fails(2, "bench", "server", SHIPPED, "--measure", "--timeouts", timeouts, *SHORT)
        self.fails(2, "bench", "server", SHIPPED, "--rate", "1", "--load", "1", says="--load")
        for option in ("--rate", "--load", "--seconds"):
            for value in ("nan", "0", "-1", "inf", "x"):
                self.fails(2, "bench", "server", SHIPPED, option, value, says=option)
        self.fails(2, "bench", "server", SHIPPED, "--model", "net", says="--http")
        self.fails(2, "bench", "server", SHIPPED, "--http", "8080", says="8080")
        self.fails(1, "bench", "server", SHIPPED, "--measure", "--no-tune", "--http", "127.0.0.1:1", says="127.0.0.1:1")
        self.fails(2, "bench", "serve", says="serve")
        self.assertIn("--timeouts", self.ok("bench", "server", "--help"))
        self.assertIn("server", self.ok("bench", "--help"))


class RunningServerTest(ServerTest):
    def test_a_server_that_runs_already(self):
        for options in (["--http", f"127.0.0.1:{self.http}"], ["--grpc", f"127.0.0.1:{self.grpc}"]):
            report = self.json("bench", "server", SHIPPED, "--measure", "--timeouts", "none", *options, *SHORT)
            (row,) = report["rows"]
            self.assertEqual((row["network"], row["answered"]), ("elastic", 1))
        wrong = self.json("bench", "server", SHIPPED, "--measure", "--timeouts", "none", "--model", "x", *options, *SHORT)
        self.assertEqual(wrong["rows"][0]["refusals"], {"NOT_FOUND": 40})


if __name__ == "__main__":
    unittest.main()
