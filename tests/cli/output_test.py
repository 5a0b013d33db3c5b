"""Outputs of commands: special files, overwriting, interruption, failures of the last step."""
import fcntl
import json
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import threading
import unittest

import numpy
from onnx import TensorProto, helper, numpy_helper, save

from harness import EINET, NOTE, SHIPPED, TRAINS, CommandTest

SMALL = ["--set", "blocks=3", "--set", "channels=4", "--set", "growth=2", "--input", "1x28x28"]
DATA = ["--data", "fashion-mnist", "--limit", "100"]
QUICK = ["--budget", "50ms", "--no-tune"]
LONG = ["--budget", "1h"]  # For errors that must be reported before any measurement.


def platform(isa):
    """An environment that makes this machine another platform, with its own times."""
    return {**os.environ, "ONEDNN_MAX_CPU_ISA": isa}


class OutputTest(CommandTest):
    def build(self, output, *args, **kwargs):
        return self.ok("model", "build", "msdnet", *SMALL, "-o", output, *args, **kwargs)

    def start(self, *args, **kwargs):
        process = subprocess.Popen([EINET, *map(str, args)], cwd=self.dir, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, **kwargs)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def finish(self, process):
        """The exit status and stderr."""
        error = process.communicate(timeout=300)[1]
        return process.returncode, NOTE.sub("", error)

    def names(self):
        return sorted(p.name for p in self.dir.iterdir())

    def waiting_for(self, lock, process):
        """Waits until `process` waits for the lock held by the test, which it does after measuring."""
        while process.poll() is None:
            try:
                files = [os.readlink(f) for f in pathlib.Path(f"/proc/{process.pid}/fd").iterdir()]
            except FileNotFoundError:
                continue
            if str(lock) in files:
                return
        self.fail(process.communicate()[1])


class SpecialFileTest(OutputTest):
    def test_output_to_a_pipe(self):
        self.build("net.onnx")
        os.mkfifo(self.dir / "pipe")
        received = []
        reader = threading.Thread(target=lambda: received.append((self.dir / "pipe").read_bytes()))
        reader.start()
        self.build("pipe")
        reader.join()
        self.assertEqual(received, [(self.dir / "net.onnx").read_bytes()])
        self.assertTrue(stat.S_ISFIFO((self.dir / "pipe").lstat().st_mode))

    def test_a_device_stays_a_device(self):
        try:
            os.mknod(self.dir / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
            os.mknod(self.dir / "full", stat.S_IFCHR | 0o666, os.makedev(1, 7))
        except PermissionError:
            self.skipTest("making devices needs root")
        self.build("null")
        self.assertTrue(stat.S_ISCHR((self.dir / "null").lstat().st_mode))
        self.fails(1, "model", "build", "msdnet", *SMALL, "-o", "full", says=["full", "No space left"])

    def test_standard_output(self):
        self.copy_bundle()
        self.ok("profile", "copy.einet", "--timing-only", *QUICK)
        self.assertIn("</svg>", self.ok("plan", "copy.einet", "--svg", "/dev/stdout"))
        with open(self.dir / "out", "w") as out:
            subprocess.run([EINET, "plan", "copy.einet", "--svg", "/dev/stdout"], cwd=self.dir, stdout=out, check=True)
        text = (self.dir / "out").read_text()
        self.assertIn("</svg>", text)
        self.assertIn("accuracy expectation", text)

    def test_links_modes_and_hard_links(self):
        (self.dir / "store").mkdir()
        (self.dir / "net.onnx").symlink_to("store/real.onnx")
        self.build("net.onnx")
        self.assertTrue((self.dir / "net.onnx").is_symlink())
        (self.dir / "store/real.onnx").chmod(0o640)
        self.build("net.onnx", "--seed", "2")
        self.assertEqual(stat.S_IMODE((self.dir / "store/real.onnx").stat().st_mode), 0o640)
        os.link(self.dir / "store/real.onnx", self.dir / "other.onnx")
        for name in ["other.onnx", "net.onnx"]:
            self.fails(1, "model", "build", "msdnet", *SMALL, "-o", name, says=[name, "hard links"])
        self.assertEqual(self.names(), ["net.onnx", "other.onnx", "store"])

    def test_invalid_outputs_are_reported_before_the_work(self):
        """If the output were checked last, the missing input would be reported instead."""
        (self.dir / "folder").mkdir()
        for output in ["folder", "absent/x"]:
            self.fails(1, "model", "build", "msdnet", "--set", "no=1", "-o", output, says=output)
            self.fails(1, "model", "insert-exits", "none.onnx", "-o", output, says=output)
            self.fails(1, "plan", "none.einet", "--svg", output, says=output)
            self.fails(1, "demo", "none.einet", "-o", output, says=output)
            if TRAINS:
                self.fails(1, "train", "none.onnx", *DATA, "-o", output, says=output)
        (self.dir / "file").write_text("x")
        self.fails(1, "model", "run", "none.onnx", "--input", "none.npy", "--output", "file/out", says="file/out")
        self.fails(1, "data", "get", "fashion-mnist", "--dir", "file", says="file")
        if TRAINS:
            self.fails(1, "train", "none.onnx", *DATA, "-o", "x.onnx", "--checkpoint", "file", says="file")


class CheckedBeforeMeasuringTest(OutputTest):
    """Profiling these would take more than an hour."""

    def network(self, name, outputs):
        """Outputs with logits of the given numbers of classes, or, for None, a feature map."""
        random = numpy.random.default_rng(0)
        weights = {"a": random.standard_normal((4, 1, 3, 3)).astype(numpy.float32)}
        nodes = [helper.make_node("Conv", ["x", "a"], ["h"], pads=[1] * 4), helper.make_node("GlobalAveragePool", ["h"], ["p"]),
                 helper.make_node("Flatten", ["p"], ["q"])]
        values = []
        for i, classes in enumerate(outputs):
            if classes is None:
                nodes.append(helper.make_node("Relu", ["h"], [f"e{i}"]))
                values.append(helper.make_tensor_value_info(f"e{i}", TensorProto.FLOAT, ["N", 4, 28, 28]))
                continue
            weights[f"w{i}"] = random.standard_normal((classes, 4)).astype(numpy.float32)
            nodes.append(helper.make_node("Gemm", ["q", f"w{i}"], [f"e{i}"], transB=1))
            values.append(helper.make_tensor_value_info(f"e{i}", TensorProto.FLOAT, ["N", classes]))
        graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 1, 28, 28])], values,
                                  [numpy_helper.from_array(v, k) for k, v in weights.items()])
        save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(self.dir / name))
        return name

    def test_networks_that_cannot_be_in_a_bundle(self):
        for outputs, says in [([5, 3], ["classes", "3", "5"]), ([10, None], ["[1,4,28,28]"]), ([7, 7], ["7", "10"])]:
            network = self.network("odd.onnx", outputs)
            line = self.fails(1, "profile", network, *DATA, "-o", "x.einet", *LONG, says=["odd.onnx", *says])
            self.assertNotIn("x.einet", line)

    def test_destinations(self):
        network = self.network("net.onnx", [10, 10])
        (self.dir / "app.einet").mkdir()
        (self.dir / "app.einet/manifest.json").write_text('{"name": "a web app"}')
        (self.dir / "file.einet").write_text("x")
        for output, status in [("absent/x.einet", 1), ("x.zip", 2), ("app.einet", 2), ("file.einet", 2)]:
            for force in [[], ["--force"]]:
                self.fails(status, "profile", network, *DATA, "-o", output, *LONG, *force, says=output)
        if TRAINS:
            self.copy_bundle()
            self.ok("profile", "copy.einet", "--timing-only", *QUICK)
            for output, status in [("absent/x.einet", 1), ("x.zip", 2), ("app.einet", 2), ("file.einet", 2)]:
                self.fails(status, "predictor", "fit", "copy.einet", "--epochs", "100000", "-o", output, says=output)

    def test_parts_that_would_be_discarded(self):
        self.copy_bundle()
        self.fails(2, "profile", "copy.einet", *DATA, *LONG,
                   says=["copy.einet", "confidences of 10000 samples", "predictor", "folds", "--force"])
        network = self.network("net.onnx", [10, 10])
        self.fails(2, "profile", network, *DATA, "-o", "copy.einet", *LONG, says=["copy.einet", "network", "predictor", "--force"])
        manifest = self.dir / "copy.einet/manifest.json"
        self.assertIn("predictor.onnx", json.loads(manifest.read_text())["files"])
        self.ok("profile", network, *DATA, "-o", "copy.einet", *QUICK, "--force")
        self.assertNotIn("predictor.onnx", json.loads(manifest.read_text())["files"])


class BundleTest(OutputTest):
    def timings(self, bundle="copy.einet"):
        return len(list((self.dir / bundle / "timing").iterdir()))

    def test_links_dots_and_slashes(self):
        (self.dir / "store").mkdir()
        self.copy_bundle("store/real.einet")
        before = self.timings("store/real.einet")
        (self.dir / "latest").symlink_to("store/real.einet")
        self.ok("profile", "latest", "--timing-only", *QUICK)
        for bundle, isa in [("latest/", "AVX2"), ("store/../latest", "SSE41")]:
            process = self.start("profile", bundle, "--timing-only", *QUICK, env=platform(isa))
            self.assertEqual(self.finish(process), (0, ""))
        for here in ["latest", "store"]:
            done = subprocess.run([EINET, "profile", "." if here == "latest" else "../store/real.einet", "--timing-only", *QUICK],
                                  cwd=self.dir / here, capture_output=True, text=True)
            self.assertEqual((done.returncode, NOTE.sub("", done.stderr)), (0, ""))
        self.assertTrue((self.dir / "latest").is_symlink())
        self.assertEqual(self.timings("latest"), before + 3)
        self.assertEqual(sorted(p.name for p in (self.dir / "store").iterdir()), ["real.einet"])

    def test_two_concurrent_commands_both_save_their_times(self):
        self.copy_bundle()
        before = self.timings()
        commands = [self.start("profile", "copy.einet", "--timing-only", *QUICK, env=platform(isa))
                    for isa in ["SSE41", "AVX", "AVX2"]]
        for command in commands:
            self.assertEqual(self.finish(command), (0, ""))
        self.assertEqual(self.timings(), before + 3)
        self.assertEqual(self.names(), ["copy.einet"])

    @unittest.skipUnless(TRAINS, "this build has no training")
    def test_concurrent_commands_save_a_fit_and_times(self):
        self.build("net.onnx")
        self.ok("profile", "net.onnx", *DATA, *QUICK, "-o", "copy.einet")
        with open(self.dir / ".copy.einet.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            commands = [self.start("profile", "copy.einet", "--timing-only", *QUICK, env=platform("SSE41")),
                        self.start("predictor", "fit", "copy.einet", "--epochs", "1")]
            for command in commands:
                self.waiting_for(self.dir / ".copy.einet.lock", command)
            os.remove(self.dir / ".copy.einet.lock")
        for command in commands:
            self.assertEqual(self.finish(command), (0, ""))
        self.assertEqual(self.timings(), 2)
        self.assertTrue((self.dir / "copy.einet/predictor.onnx").exists())

    def test_missing_bundles_are_reported(self):
        self.fails(2, "profile", "none.einet", "--timing-only", says="none.einet")
        self.fails(1, "profile", "none.einet", *DATA, says=["none.einet", "no such file"])

    def test_leftovers_are_ignored_and_other_files_are_kept(self):
        bundle = self.copy_bundle()
        (bundle / ".DS_Store").write_text("x")
        self.ok("profile", "copy.einet", "--timing-only", *QUICK)
        (bundle / "notes.txt").write_text("dear diary")
        self.fails(1, "profile", "copy.einet", "--timing-only", *LONG, says=["notes.txt", "is not in manifest.json"])


class InterruptionTest(OutputTest):
    def interrupt_in_the_middle(self, number, *args):
        """Sends the signal as soon as there is a partial file; returns whether it was in time."""
        process = self.start(*args)
        while process.poll() is None:
            if any(name.endswith(".partial") for name in os.listdir(self.dir)):
                process.send_signal(number)
                break
        status = self.finish(process)[0]
        self.assertIn(status, [-number, 0])
        return status != 0

    def test_a_signal_leaves_no_partial_file_and_ends_the_process(self):
        for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
            hits = 0
            for _ in range(5):
                hits += self.interrupt_in_the_middle(number, "model", "build", "msdnet", "-o", "big.onnx")
                self.assertIn(self.names(), [[], ["big.onnx"]])
            self.assertGreater(hits, 0)

    def test_a_signal_while_a_bundle_is_saved(self):
        self.copy_bundle()
        command = ["profile", "copy.einet", "--timing-only", "--budget", "1ms", "--no-tune"]
        hits = 0
        for _ in range(5):
            hits += self.interrupt_in_the_middle(signal.SIGTERM, *command)
            self.assertEqual(self.names(), ["copy.einet"])
        self.assertGreater(hits, 0)
        self.ok(*command)

    def test_an_ignored_signal_stays_ignored(self):
        self.copy_bundle()
        with open(self.dir / ".copy.einet.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            process = self.start("profile", "copy.einet", "--timing-only", *QUICK,
                                 preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
            self.waiting_for(self.dir / ".copy.einet.lock", process)
            process.send_signal(signal.SIGHUP)
            os.remove(self.dir / ".copy.einet.lock")
        self.assertEqual(self.finish(process), (0, ""))

    def test_leftovers_of_a_killed_command_are_removed_by_the_next(self):
        self.copy_bundle()
        (self.dir / ".copy.einet.999999-1.partial").mkdir()
        (self.dir / ".copy.einet.lock").touch()
        (self.dir / ".net.onnx.999999-1.partial").touch()
        self.ok("profile", "copy.einet", "--timing-only", *QUICK)
        self.build("net.onnx")
        self.assertEqual(self.names(), ["copy.einet", "net.onnx"])

    def test_a_result_whose_folder_was_removed_is_saved_elsewhere(self):
        (self.dir / "sub").mkdir()
        self.copy_bundle("sub/copy.einet")
        path = self.dir / "sub/.copy.einet.lock"
        with open(path, "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            process = self.start("profile", "sub/copy.einet", "--timing-only", *QUICK)
            self.waiting_for(path, process)
            (self.dir / "sub").rename(self.dir / "elsewhere")
        status, error = self.finish(process)
        self.assertEqual(status, 1)
        self.assertEqual(len(error.splitlines()), 1)
        for word in ["sub/copy.einet", "copy-rescued.einet"]:
            self.assertIn(word, error)
        self.ok("plan", "copy-rescued.einet")

    def test_a_concurrent_fit_is_not_lost(self):
        """The new confidences are saved elsewhere, because they would discard a predictor added meanwhile."""
        bundle = self.copy_bundle()
        shutil.rmtree(bundle)
        self.ok("profile", SHIPPED, "--timing-only", *QUICK, "-o", "copy.einet")
        fitted = self.dir / "fitted"
        shutil.move(bundle, fitted)
        self.ok("profile", SHIPPED, "--data", "fashion-mnist", "--limit", "100", *QUICK, "-o", "copy.einet")
        with open(self.dir / ".copy.einet.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            process = self.start("profile", "copy.einet", *DATA, *QUICK)
            self.waiting_for(self.dir / ".copy.einet.lock", process)
            shutil.rmtree(bundle)
            shutil.move(fitted, bundle)
            os.remove(self.dir / ".copy.einet.lock")
        status, error = self.finish(process)
        self.assertEqual(status, 2)
        self.assertIn("predictor", error)
        self.assertIn("copy-rescued.einet", error)
        self.assertTrue((bundle / "predictor.onnx").exists())
        self.ok("plan", "copy-rescued.einet")

    def test_demo_prints_its_table_before_writing_its_page(self):
        try:
            os.mknod(self.dir / "full.html", stat.S_IFCHR | 0o666, os.makedev(1, 7))
        except PermissionError:
            self.skipTest("making devices needs root")
        self.copy_bundle()
        self.ok("profile", "copy.einet", "--timing-only", *QUICK)
        done = self.einet("demo", "copy.einet", "--images", "20", "-o", "full.html")
        self.assertEqual(done.returncode, 1)
        self.assertIn("static-100", done.stdout)
        self.assertIn("full-rescued.html", done.stderr)
        self.assertIn("</html>", (self.dir / "full-rescued.html").read_text())


if __name__ == "__main__":
    unittest.main()
