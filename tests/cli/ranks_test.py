"""Data-parallel training: several processes give the result of one; one that ends ends the others."""
import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

from harness import EINET, PROGRESS, TRAINS, CommandTest
from machines import Machines, can_make_machines

# With few normalisations, because each costs two messages in every step.
SMALL = ["--set", "blocks=2", "--set", "base=1", "--set", "step=1", "--set", "scales=1", "--set", "channels=4", "--set", "growth=2",
         "--input", "1x28x28"]
# Training amplifies rounding: at a learning rate of 0.002, differences of 1e-7 became 1e-3 within 40 steps. At 0.00001 they stay
# small, while a gradient wrong by a tenth would change the losses by more than the limits below.
TRAIN = ["--data", "fashion-mnist", "--precision", "f32", "--threads", "1", "--schedule", "constant", "--lr", "0.00001"]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


def has_torchrun():
    done = subprocess.run([sys.executable, "-c", "import torch.distributed.run"], capture_output=True)
    return done.returncode == 0


@unittest.skipUnless(TRAINS, "this build has no training")
class RanksTest(CommandTest):
    """Each rank runs on a machine of its own (a network namespace) where the test may make them, else all on this one."""
    MOST = 4

    @classmethod
    def setUpClass(cls):
        cls.machines = Machines(cls.MOST) if can_make_machines() else None
        if cls.machines:
            cls.addClassCleanup(cls.machines.close)

    def start(self, count, *args, change=lambda rank, arguments, variables: None):
        """Starts `count` ranks of `einet train`; change() may change a rank's arguments and environment."""
        address = self.machines.address(0) if self.machines else "127.0.0.1"
        port, processes = free_port(), []
        for rank in range(count):
            arguments = [*(self.machines.on(rank) if self.machines else []), EINET, "train", *map(str, args)]
            variables = dict(os.environ, RANK=str(rank), WORLD_SIZE=str(count), MASTER_ADDR=address, MASTER_PORT=port)
            change(rank, arguments, variables)
            processes.append(subprocess.Popen(arguments, cwd=self.dir, env=variables, stdout=subprocess.PIPE,
                                              stderr=subprocess.PIPE, text=True))
        self.addCleanup(lambda: [process.kill() for process in processes if process.poll() is None])
        return processes

    def finish(self, processes, timeout=300):
        """Exit status, output and errors (without progress) of every process."""
        results = []
        for process in processes:
            out, err = process.communicate(timeout=timeout)
            results.append((process.returncode, out, PROGRESS.sub("", err)))
        return results

    def train(self, count, *args, **kwargs):
        results = self.finish(self.start(count, *args, **kwargs))
        for status, _, err in results:
            self.assertEqual((status, err), (0, ""))
        for _, out, _ in results[1:]:
            self.assertEqual(out, "", "only rank 0 reports")
        return results[0][1]

    def steps(self, folder):
        with open(self.dir / folder / "steps.csv", newline="") as file:
            return [{key: float(value) for key, value in row.items() if value} for row in csv.DictReader(file)]

    def expect_same_curves(self, expected, found, difference):
        self.assertEqual(len(expected), len(found))
        for one, several in zip(expected, found):
            self.assertEqual(one["learning_rate"], several["learning_rate"])
            for key in one:
                if key.startswith("loss"):
                    self.assertLess(abs(one[key] - several[key]), difference, f"step {one['step']}, {key}")

    def test_two_and_four_ranks_give_the_curve_of_one(self):
        self.ok("model", "build", "msdnet", *SMALL, "-o", "net.onnx")
        args = ["net.onnx", *TRAIN, "--batch", "32", "--limit", "1600", "--epochs", "2"]
        self.ok("train", *args, "-o", "one.onnx", "--checkpoint", "one")
        one = self.steps("one")
        self.assertEqual(len(one), 100)
        for count in (2, 4):
            out = self.train(count, *args, "-o", f"{count}.onnx", "--checkpoint", str(count), "--json")
            self.expect_same_curves(one, self.steps(str(count)), 1e-5)
            last = json.loads(out)["epochs"][-1]["accuracy"]
            log = (self.dir / "one" / "log.jsonl").read_text().splitlines()
            for a, b in zip(last, json.loads(log[-1])["accuracy"]):
                self.assertLess(abs(a - b), 0.002)

    def test_dropout_and_parts_of_different_sizes(self):
        self.ok("model", "build", "b-alexnet", "--input", "1x28x28", "-o", "net.onnx")
        args = ["net.onnx", *TRAIN, "--batch", "31", "--limit", "310", "--epochs", "1"]
        self.ok("train", *args, "-o", "one.onnx", "--checkpoint", "one")
        self.train(2, *args, "-o", "two.onnx", "--checkpoint", "two")
        self.expect_same_curves(self.steps("one"), self.steps("two"), 1e-5)

    def test_local_statistics_differ_and_train(self):
        self.ok("model", "build", "msdnet", *SMALL, "-o", "net.onnx")
        args = ["net.onnx", *TRAIN[:-1], "0.02", "--batch", "16", "--limit", "640", "--epochs", "1"]
        self.ok("train", *args, "-o", "one.onnx", "--checkpoint", "one")
        self.train(2, *args, "--local-statistics", "-o", "two.onnx", "--checkpoint", "two")
        one, two = self.steps("one"), self.steps("two")
        self.assertGreater(abs(one[0]["loss"] - two[0]["loss"]), 1e-4)
        self.assertLess(sum(step["loss"] for step in two[-10:]), sum(step["loss"] for step in two[:10]))

    def kill_one(self, count, victim, *args):
        """Starts ranks, kills `victim` after the second checkpoint; the others must end in time, each with one line."""
        processes = self.start(count, *args)
        checkpoint, seen, until = self.dir / "killed" / "checkpoint.npz", set(), time.monotonic() + 200
        while len(seen) < 2 and time.monotonic() < until and all(process.poll() is None for process in processes):
            if checkpoint.exists():
                seen.add(checkpoint.stat().st_mtime_ns)
            time.sleep(0.005)
        self.assertTrue(all(process.poll() is None for process in processes), "all were still running")
        processes[victim].send_signal(signal.SIGKILL)
        others = [process for rank, process in enumerate(processes) if rank != victim]
        for status, _, err in self.finish(others, timeout=30):
            self.assertEqual(status, 1)
            self.assertEqual(len(err.splitlines()), 1, err)
            self.assertRegex(err, r"^einet: rank \d of \d: another process of this training ended")

    def train_with_a_slow_rank(self, count, slow, *args):
        """One rank has a slow connection and is stopped for half a second three times."""
        if self.machines:
            self.machines.limit(slow, "20mbit")
            self.addCleanup(self.machines.limit, slow, "10gbit")
        processes = self.start(count, *args)
        for _ in range(3):
            time.sleep(1)
            processes[slow].send_signal(signal.SIGSTOP)
            time.sleep(0.5)
            processes[slow].send_signal(signal.SIGCONT)
        for status, _, err in self.finish(processes):
            self.assertEqual((status, err), (0, ""))

    def test_slowed_killed_and_resumed_is_bit_for_bit_the_same(self):
        self.ok("model", "build", "msdnet", *SMALL, "-o", "net.onnx")
        args = ["net.onnx", *TRAIN, "--batch", "64", "--limit", "2048", "--epochs", "2"]
        self.train(2, *args, "-o", "straight.onnx", "--checkpoint", "straight")
        straight = (self.dir / "straight.onnx").read_bytes()
        self.train_with_a_slow_rank(2, 1, *args, "-o", "slow.onnx", "--checkpoint", "slow")
        self.assertEqual((self.dir / "slow.onnx").read_bytes(), straight)
        killed = [*args, "-o", "killed.onnx", "--checkpoint", "killed", "--checkpoint-seconds", "0.05"]
        self.kill_one(2, 1, *killed)
        self.kill_one(2, 0, *killed, "--resume")
        copy = self.dir / "copy"
        shutil.copytree(self.dir / "killed", copy)
        self.train(2, *killed, "--resume")
        self.assertEqual((self.dir / "killed.onnx").read_bytes(), straight)
        self.expect_same_curves(self.steps("straight"), self.steps("killed"), 1e-9)
        # Another number of processes may finish it.
        self.ok("train", *args, "-o", "copy.onnx", "--checkpoint", "copy", "--resume")
        self.expect_same_curves(self.steps("straight"), self.steps("copy"), 1e-4)

    def test_invalid_variables(self):
        self.ok("model", "build", "msdnet", *SMALL, "-o", "net.onnx")
        args = ["net.onnx", *TRAIN, "--limit", "64", "--epochs", "1", "-o", "out.onnx"]
        good = {"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port()}
        for name, value, message in (("RANK", "2", "from 0 to 1"), ("RANK", "x", "must be a number"), ("RANK", None, "not set"),
                                     ("WORLD_SIZE", "0", "from 1"), ("MASTER_ADDR", None, "not set"),
                                     ("MASTER_PORT", "70000", "65535"), ("MASTER_PORT", "", "not set")):
            variables = {**good, name: value}
            environment = {**os.environ, **{key: text for key, text in variables.items() if text is not None}}
            done = subprocess.run([EINET, "train", *args], cwd=self.dir, env=environment, capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1)
            self.assertIn(f"einet: {name}: ", done.stderr)
            self.assertIn(message, done.stderr)

    def test_ranks_that_do_not_agree(self):
        self.ok("model", "build", "msdnet", *SMALL, "-o", "net.onnx")
        args = ["net.onnx", *TRAIN, "--limit", "64", "--epochs", "1", "--batch", "16", "-o", "out.onnx"]

        def other_seed(rank, arguments, _):
            if rank == 1:
                arguments.extend(["--seed", "7"])

        (first, _, first_error), (second, _, second_error) = self.finish(self.start(2, *args, change=other_seed))
        self.assertEqual(second, 2)
        self.assertIn("einet: rank 1 of 2: trains with another 'seed' than rank 0", second_error)
        self.assertEqual(first, 1)
        self.assertIn("rank 0 of 2: another process of this training ended", first_error)
        self.assertFalse((self.dir / "out.onnx").exists())
        too_small = self.finish(self.start(2, *(("3" if word == "16" else word) for word in args)))
        self.assertTrue(all(status == 2 and "2 images per process" in err for status, _, err in too_small), too_small)

    @unittest.skipUnless(has_torchrun(), "needs PyTorch for Python")
    def test_torchrun_starts_it(self):
        self.ok("model", "build", "msdnet", *SMALL, "-o", "net.onnx")
        args = ["net.onnx", *TRAIN, "--limit", "128", "--epochs", "1", "--batch", "32"]
        self.ok("train", *args, "-o", "one.onnx", "--checkpoint", "one")
        done = subprocess.run(
            # PyTorch 1.13 with Python 3.11 does not start without --redirects and --tee.
            [sys.executable, "-m", "torch.distributed.run", "--no_python", "--nnodes", "1", "--nproc_per_node", "2",
             "--redirects", "1", "--tee", "1", "--log_dir", self.dir, "--rdzv_backend", "c10d", "--rdzv_endpoint", f"127.0.0.1:{free_port()}", EINET, "train", *args,
             "-o", "two.onnx", "--checkpoint", "two"], cwd=self.dir, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.expect_same_curves(self.steps("one"), self.steps("two"), 1e-5)


@unittest.skipUnless(TRAINS, "this build has no training")
class CurvesTest(CommandTest):
    def test_plot_shows_every_epoch(self):
        self.ok("model", "build", "msdnet", *SMALL, "-o", "net.onnx")
        self.ok("train", "net.onnx", *TRAIN, "--limit", "256", "--epochs", "2", "-o", "out.onnx", "--checkpoint", "c",
                "--plot", "curves.svg")
        import xml.etree.ElementTree as tree
        titles = [element.text for element in tree.parse(self.dir / "curves.svg").iter() if element.tag.endswith("title")]
        lines = [json.loads(line) for line in (self.dir / "c" / "log.jsonl").read_text().splitlines()]
        epochs = [line for line in lines if line["kind"] == "epoch"]
        self.assertEqual([line["kind"] for line in lines], ["step", "step", "epoch"] * 2)
        for epoch in epochs:
            for exit_, accuracy in enumerate(epoch["accuracy"], 1):
                self.assertIn(f"exit {exit_}, {epoch['epoch']}: {100 * accuracy:.6g}", titles)
            self.assertAlmostEqual(epoch["elasticity"], epoch["expectation"] / max(epoch["accuracy"]), places=9)
        self.fails(1, "train", "net.onnx", *TRAIN, "--limit", "256", "-o", "out.onnx", "--plot", "no/such.svg", says="no/such.svg")


if __name__ == "__main__":
    unittest.main()
