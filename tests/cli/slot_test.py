"""Answers in files that outlive the process: einet run --slot and --persist, einet answer."""
import json
import os
import signal
import subprocess
import time
import unittest

from harness import EINET, SHIPPED, SOURCE, CommandTest

IMAGE = "fashion-mnist:0"


class SlotTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.slot = self.dir / "slot"

    def answer(self, *args):
        return self.json("answer", self.slot, *args)

    def start(self, *args):
        """Starts a process that runs for seconds; returns it after its first answer."""
        process = subprocess.Popen([EINET, "run", SHIPPED, *[IMAGE] * 4000, "--slot", self.slot, "--no-tune", *args],
                                   cwd=self.dir, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        limit = time.monotonic() + 100
        while time.monotonic() < limit and process.poll() is None:
            if self.slot.exists() and self.slot.stat().st_size > 0:
                reply = json.loads(self.ok("answer", self.slot, "--json"))
                if reply["owner"] and reply["owner"]["process"] == process.pid and reply["answer"]:
                    break
            time.sleep(0.01)
        return process

    def test_the_answer_outlives_the_command(self):
        (result,) = self.json("run", SHIPPED, IMAGE, "--slot", self.slot, "--top", "3", "--no-tune")
        self.assertEqual(len(result["answer"]["others"]), 2)
        reply = self.answer("--bundle", SHIPPED)
        for field in ("label", "name", "confidence", "exit", "elapsed_seconds", "others"):
            self.assertEqual(reply["answer"][field], result["answer"][field], field)
        self.assertEqual((reply["answer"]["run"], reply["answer"]["frame"]), (1, 1))
        self.assertGreater(reply["answer"]["age_seconds"], 0)
        self.assertFalse(reply["owner"]["alive"])
        text = self.ok("answer", self.slot, "--bundle", SHIPPED)
        self.assertIn("Ankle boot", text)
        self.assertIn("which has ended", text)
        self.ok("run", SHIPPED, IMAGE, IMAGE, "--slot", self.slot, "--no-tune")
        reply = self.answer()
        self.assertEqual((reply["answer"]["run"], reply["answer"]["frame"]), (3, 2))  # The numbers continue.
        self.assertEqual(reply["owner"]["epoch"], 2)
        other = SOURCE / "bundles" / "cifar100-b-alexnet.einet"
        self.fails(1, "answer", self.slot, "--bundle", other, says=["cifar100-b-alexnet", "is not the network"])
        self.ok("answer", self.slot, "--reset")
        self.assertEqual(self.answer(), {"answer": None, "owner": None})
        self.assertIn("none yet", self.ok("answer", self.slot))

    def test_a_killed_process_leaves_its_answer(self):
        process = self.start()
        process.kill()
        process.wait()
        reply = self.answer()
        self.assertIsNotNone(reply["answer"])
        self.assertEqual(reply["owner"]["process"], process.pid)
        self.assertFalse(reply["owner"]["alive"])

    def test_a_stopped_process_is_only_replaced_on_request(self):
        process = self.start()
        os.kill(process.pid, signal.SIGSTOP)
        before = self.answer()
        self.assertTrue(before["owner"]["alive"])
        again = ["run", SHIPPED, IMAGE, "--slot", self.slot, "--no-tune"]
        self.fails(1, *again, says=[str(self.slot), f"process {process.pid} publishes into it"])
        self.fails(1, "answer", self.slot, "--reset", says=["is in use"])
        self.assertEqual(self.answer()["answer"]["run"], before["answer"]["run"])
        self.ok(*again, "--take-over")
        after = self.answer()
        self.assertEqual(after["answer"]["run"], before["answer"]["run"] + 1)
        os.kill(process.pid, signal.SIGCONT)
        time.sleep(0.2)
        self.assertEqual(self.answer()["answer"]["run"], after["answer"]["run"])

    def test_watching(self):
        self.json("run", SHIPPED, IMAGE, "--slot", self.slot, "--no-tune")
        watcher = subprocess.Popen([EINET, "answer", self.slot, "--watch", "--json"], cwd=self.dir, stdout=subprocess.PIPE, text=True)
        self.addCleanup(watcher.stdout.close)
        self.addCleanup(watcher.wait)
        self.addCleanup(watcher.kill)
        first = json.loads(watcher.stdout.readline())
        self.assertEqual(first["answer"]["run"], 1)
        self.json("run", SHIPPED, IMAGE, IMAGE, "--slot", self.slot, "--no-tune")
        last = first
        while last["answer"]["run"] < 3 or last["owner"]["alive"]:
            now = json.loads(watcher.stdout.readline())
            self.assertGreaterEqual(now["answer"]["sequence"], last["answer"]["sequence"])
            last = now

    def test_watching_ends_with_its_reader(self):
        self.json("run", SHIPPED, IMAGE, "--slot", self.slot, "--no-tune")
        watcher = subprocess.Popen([EINET, "answer", self.slot, "--watch"], stdout=subprocess.PIPE)
        self.addCleanup(watcher.kill)
        watcher.stdout.readline()
        watcher.stdout.close()
        watcher.wait(timeout=100)

    def test_persisted_answers(self):
        stored = self.dir / "stored"
        (result,) = self.json("run", SHIPPED, IMAGE, "--persist", stored, "--every", "1ms", "--no-tune")
        reply = self.json("answer", stored, "--bundle", SHIPPED)
        for field in ("label", "name", "confidence", "exit", "elapsed_seconds"):
            self.assertEqual(reply["answer"][field], result["answer"][field], field)
        self.assertGreaterEqual(reply["written_seconds_ago"], 0)
        self.assertIn("written", self.ok("answer", stored))
        self.fails(2, "answer", stored, "--watch", says=["is a file of --persist"])
        self.fails(1, "run", SHIPPED, IMAGE, "--slot", stored, "--no-tune", says=[str(stored), "is not an answer slot"])
        self.assertEqual(self.json("answer", stored)["answer"]["run"], 1)

    def test_a_worker_gives_the_same_answers(self):
        plain = self.json("run", SHIPPED, IMAGE, "--top", "3", "--no-tune")
        isolated = self.json("run", SHIPPED, IMAGE, "--isolate", "--top", "3", "--no-tune")
        for field in ("label", "name", "exit"):
            self.assertEqual(isolated[0]["answer"][field], plain[0]["answer"][field], field)
        self.assertEqual(len(isolated[0]["answer"]["others"]), 2)
        self.assertFalse(isolated[0]["interrupted"])
        self.assertEqual(isolated[0]["answers"][-1], isolated[0]["answer"])
        lines = self.ok("run", SHIPPED, IMAGE, "--isolate", "--no-tune", "--stream", "--json").splitlines()
        self.assertEqual(json.loads(lines[-1])["answers"], len(lines) - 1)
        (cut,) = self.json("run", SHIPPED, IMAGE, "--isolate", "--no-tune", "--deadline", "1ns", "--initial", "frequent")
        self.assertIsNone(cut["answer"])
        self.assertTrue(cut["interrupted"])
        self.assertIn("label", cut["initial"])
        self.fails(2, "worker", SHIPPED, says=["worker", "was not started by a supervisor"])
        self.fails(2, "run", SHIPPED, IMAGE, "--isolate", "--top", "9", says=["1 to 5"])
        self.fails(2, "run", SHIPPED, IMAGE, "--isolate", "--distribution", "csv:-", says="use a file")
        self.fails(2, "run", SHIPPED, IMAGE, "--isolate", "--planner", "exakt", says=["exakt"])

    def test_a_killed_worker_is_replaced(self):
        stored = self.dir / "stored"
        inputs = [IMAGE] * 3000
        command = subprocess.Popen([EINET, "run", SHIPPED, *inputs, "--isolate", "--slot", self.slot, "--persist", stored, "--no-tune", "--json"],
                                   cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(command.wait)
        self.addCleanup(command.kill)
        killed, epoch, runs = 0, 0, 0
        limit = time.monotonic() + 100
        while killed < 3 and time.monotonic() < limit and command.poll() is None:
            if self.slot.exists() and self.slot.stat().st_size > 0:
                reply = json.loads(self.ok("answer", self.slot, "--json"))
                if reply["owner"] and reply["answer"]:
                    run = reply["answer"]["run"]
                    self.assertGreaterEqual(run, runs)  # Until the next worker has an answer, the killed one's stays.
                    if reply["owner"]["epoch"] > epoch and run > runs:
                        self.assertNotEqual(reply["owner"]["process"], command.pid)
                        os.kill(reply["owner"]["process"], signal.SIGKILL)
                        epoch, runs = reply["owner"]["epoch"], run
                        killed += 1
            time.sleep(0.005)
        output, notes = command.communicate(timeout=100)
        self.assertEqual(command.returncode, 0, notes)
        self.assertGreaterEqual(killed, 1)
        results = json.loads(output)
        self.assertEqual(len(results), len(inputs))
        failed = [result["failed"] for result in results if "failed" in result]
        self.assertLessEqual(len(failed), killed)  # Each kill fails at most one run.
        for why in failed:
            self.assertEqual(why, "the worker was killed by SIGKILL")
        self.assertEqual(notes.count("was killed by SIGKILL"), killed, notes)
        self.assertEqual(self.answer()["answer"]["run"], len(inputs))
        self.assertEqual(self.json("answer", stored)["answer"]["run"], len(inputs))

    def test_errors(self):
        self.fails(1, "answer", "absent", says=["absent", "no such file"])
        (self.dir / "text").write_text("hello")
        self.fails(1, "answer", "text", says=["text", "is not an answer slot"])
        self.fails(1, "run", SHIPPED, IMAGE, "--slot", "text", "--no-tune", says=["text", "is not an answer slot"])
        self.fails(1, "run", SHIPPED, IMAGE, "--persist", "text", "--no-tune", says=["text"])
        self.assertEqual((self.dir / "text").read_text(), "hello")
        self.fails(1, "run", SHIPPED, IMAGE, "--slot", "/nowhere/slot", "--no-tune", says=["/nowhere/slot"])
        self.fails(2, "run", SHIPPED, IMAGE, "--top", "6", "--no-tune", says=["1 to 5"])
        self.fails(2, "run", SHIPPED, IMAGE, "--persist", "p", "--every", "0ms", "--no-tune")
        self.fails(2, "run", SHIPPED, IMAGE, "--take-over", "--no-tune")
        self.fails(2, "run", SHIPPED, IMAGE, "--slot", "", "--no-tune", says="is empty")
        self.fails(2, "run", SHIPPED, IMAGE, "--persist", "", "--no-tune", says="is empty")
        for wrong in ("text", "/dev/null", self.dir):
            self.fails(1, "answer", wrong, "--reset")
        self.assertEqual((self.dir / "text").read_text(), "hello")


if __name__ == "__main__":
    unittest.main()
