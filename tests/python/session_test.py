"""Model, Session, SharedSlot."""
import os
import subprocess
import sys
import threading
import time

import numpy

import einet
from bundles import SHIPPED, PythonTest, unittest

Kind = einet.ErrorKind


def noise(seed=1):
    return numpy.random.default_rng(seed).random((1, 28, 28), dtype=numpy.float32)


class SessionTest(PythonTest):
    @classmethod
    def setUpClass(cls):
        cls.model = einet.Model(SHIPPED)

    def test_the_model(self):
        model = self.model
        self.assertEqual(model.input_shape, (1, 1, 28, 28))
        self.assertEqual(len(model.labels), 10)
        self.assertEqual(model.label_name(0), model.labels[0])
        self.assertEqual(model.times.exits, model.exits)
        self.assertEqual(model.times.conv.shape, (model.exits,))
        self.assertAlmostEqual(model.horizon, model.times.conv.sum() + model.times.branch.sum())
        self.assertEqual(len(model.digest), 64)
        self.assertIn("exits", repr(model))

    def test_a_run(self):
        session = einet.Session(self.model, top=3)
        self.assertEqual(session.state, "idle")
        self.assertFalse(session.latest())
        self.assertIsNone(session.latest().label)
        run = session.start(noise(), frame=7)
        answer = session.wait()
        self.assertTrue(answer)
        self.assertEqual((answer.run, answer.frame), (run, 7))
        self.assertEqual(session.state, "finished")
        self.assertEqual(session.latest(run), answer)
        self.assertIn(answer.label, range(10))
        self.assertIn(answer.exit, range(self.model.exits))
        self.assertEqual(len(answer.others), 2)
        self.assertGreaterEqual(answer.confidence, answer.others[0][1])
        self.assertLess(abs(time.monotonic() - answer.time), 60)
        answers = session.answers()
        self.assertEqual(answers[-1], answer)
        self.assertEqual([a.exit for a in answers], sorted(a.exit for a in answers))
        kinds = {kind for kind, _, begin, end in session.trace() if begin <= end}
        self.assertIn("branch", kinds)
        self.assertEqual(session.failure, "")

    def test_branches_on_a_second_thread(self):
        with self.assertRaises(einet.Error) as refused:
            einet.Session(self.model, branch_lane=True)
        self.assertEqual(refused.exception.kind, Kind.USAGE)
        model = einet.Model(SHIPPED, branch_lane=True, tune=False)
        self.assertEqual((model.times.lanes, self.model.times.lanes), (2, 1))
        session = einet.Session(model, branch_lane=True, branch_processors=[max(os.sched_getaffinity(0))])
        answer = session.run(noise())
        self.assertTrue(answer)
        exits = [a.exit for a in session.answers()]
        self.assertEqual(exits, sorted(set(exits)))

    def test_the_same_image_gives_the_same_answer(self):
        session = einet.Session(self.model)
        first = session.run(noise())
        for image in (noise()[0], noise()[None], noise().tolist()):
            if isinstance(image, list):
                image = numpy.asarray(image, dtype=numpy.float32)
            again = session.run(image)
            self.assertEqual((again.label, again.confidence), (first.label, first.confidence))

    def test_interrupt_and_deadline(self):
        session = einet.Session(self.model)
        run = session.start(noise())
        session.interrupt(run)
        answer = session.wait()
        self.assertIn(session.state, ("interrupted", "finished"))
        self.assertEqual(session.latest(run), answer)
        late = session.run(noise(), deadline=10.0)
        self.assertEqual(session.state, "finished")
        self.assertTrue(late)
        self.assertFalse(session.run(noise(), deadline=1e-9))
        self.assertEqual(session.state, "interrupted")

    def test_wait_next_sees_every_end(self):
        session = einet.Session(self.model)
        session.start(noise())
        sequence, seen = 0, []
        while True:
            answer = session.wait_next(sequence)
            if answer.sequence == sequence:
                break
            sequence = answer.sequence
            seen.append(answer.exit)
        self.assertEqual(seen, sorted(seen))
        self.assertEqual(session.state, "finished")

    def test_other_threads_run_during_wait(self):
        session = einet.Session(self.model)
        counted = [0]
        stop = threading.Event()

        def count():
            while not stop.is_set():
                counted[0] += 1

        thread = threading.Thread(target=count)
        thread.start()
        for _ in range(50):
            session.run(noise())
        stop.set()
        thread.join()
        self.assertGreater(counted[0], 0)

    def test_options(self):
        self.assertTrue(einet.Session(self.model, publish="most-confident").run(noise()))
        waiting = einet.Session(self.model, initial="frequent")
        waiting.start(noise(), deadline=1e-9)
        self.assertTrue(waiting.wait().is_initial)
        with self.refused(Kind.USAGE, "publish", "'best'", "'latest', 'most-confident', 'combined'"):
            einet.Session(self.model, publish="best")
        with self.refused(Kind.USAGE, "scheduling"):
            einet.Session(self.model, scheduling="always")
        with self.refused(Kind.USAGE):
            einet.Session(self.model, top=9)
        with self.refused(Kind.USAGE):
            einet.Session(self.model, deadlines=False).start(noise(), deadline=1.0)

    def test_images_that_are_refused(self):
        session = einet.Session(self.model)
        for image, words in (
            (noise().astype(numpy.float64), ("float64", "float32")),
            ((noise() * 255).astype(numpy.uint8), ("uint8",)),
            (noise().tolist(), ("float64",)),
            (noise()[:, :14], ("[1,14,28]", "[1,1,28,28]")),
            (noise().reshape(-1), ("[784]",)),
            (numpy.asfortranarray(noise()[0] + noise(2)[0]), ("contiguous",)),
            (noise()[:, :, ::-1], ("contiguous",)),
            (numpy.full((1, 28, 28), numpy.nan, numpy.float32), ()),
        ):
            with self.refused(Kind.INVALID_DATA, *words):
                session.start(image)
        with self.refused(Kind.INVALID_DATA):
            session.start(object())
        self.assertTrue(session.run(noise()))

    def test_bundles_that_are_refused(self):
        with self.refused(Kind.NOT_FOUND, "nowhere.einet"):
            einet.Model(self.dir / "nowhere.einet")
        with self.refused(Kind.USAGE, "uniform"):
            einet.Model(SHIPPED, distribution="unifrom")
        with self.refused(Kind.USAGE, "precision"):
            einet.Model(SHIPPED, precision="f64")
        (self.dir / "broken.einet").mkdir()
        (self.dir / "broken.einet" / "manifest.json").write_text("{")
        with self.refused(Kind.INVALID_DATA, "manifest.json"):
            einet.Model(self.dir / "broken.einet")
        with self.assertRaises(TypeError):
            einet.Session(None)

    def test_a_slot(self):
        path = self.dir / "slot"
        slot = einet.SharedSlot.create(path)
        self.assertFalse(slot.read())
        session = einet.Session(self.model, slot=slot)
        answer = session.run(noise())
        reader = einet.SharedSlot.attach(path)
        self.assertEqual(reader.read().label, answer.label)
        self.assertEqual(reader.model, self.model.digest)
        self.assertEqual(reader.owner.process, os.getpid())
        self.assertTrue(reader.owner.alive)
        with self.refused(Kind.IO):
            einet.Session(self.model, slot=einet.SharedSlot.create(path))
        del session, slot
        self.assertEqual(reader.read().label, answer.label)
        einet.SharedSlot.reset(path)
        self.assertFalse(einet.SharedSlot.attach(path).read())
        anonymous = einet.SharedSlot.create_anonymous()
        self.assertFalse(einet.SharedSlot.attach_descriptor(anonymous.descriptor).read())
        with self.refused(Kind.NOT_FOUND):
            einet.SharedSlot.attach(self.dir / "nowhere")

    def test_an_answer_on_the_disk(self):
        path = self.dir / "answer"
        session = einet.Session(self.model, persist=path, persist_every=0.001)
        answer = session.run(noise())
        del session
        stored = einet.read_stored_answer(path)
        self.assertEqual((stored.answer.label, stored.model), (answer.label, self.model.digest))
        with self.refused(Kind.NOT_FOUND):
            einet.read_stored_answer(self.dir / "nowhere")

    def test_a_forked_child_gets_an_error(self):
        session = einet.Session(self.model)
        session.run(noise())
        child = os.fork()
        if child == 0:
            try:
                session.start(noise())
            except einet.Error as error:
                os._exit(0 if error.kind == Kind.USAGE else 1)
            os._exit(2)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)

    def test_the_interpreter_may_end_during_a_run(self):
        program = ("import einet, numpy, sys; s = einet.Session(einet.Model(sys.argv[1]));"
                   "s.start(numpy.zeros((1, 28, 28), numpy.float32))")
        result = subprocess.run([sys.executable, "-c", program, str(SHIPPED)], capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_errors_are_plain_exceptions(self):
        try:
            einet.Model(self.dir / "nowhere.einet")
        except RuntimeError as error:
            self.assertEqual(type(error), einet.Error)
            self.assertIn("nowhere.einet", str(error))


class OtherLibrariesTest(PythonTest):
    def run_with(self, imports):
        program = (f"{imports}\nimport einet, numpy, sys\n"
                   "s = einet.Session(einet.Model(sys.argv[1]))\n"
                   "print(s.run(numpy.zeros((1, 28, 28), numpy.float32)).label)")
        result = subprocess.run([sys.executable, "-c", program, str(SHIPPED)], capture_output=True, text=True)
        if "No module named" in result.stderr:
            self.skipTest(result.stderr.strip().splitlines()[-1])
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_after_onnx(self):
        self.run_with("import onnx\nonnx.helper.make_tensor('x', onnx.TensorProto.FLOAT, [1], [1.0])")

    def test_after_torch(self):
        self.run_with("import torch\ntorch.ones(2) @ torch.ones(2)")

    def test_a_tensor_of_torch(self):
        try:
            import torch
        except ImportError:
            self.skipTest("torch is not installed")
        session = einet.Session(einet.Model(SHIPPED))
        image = noise()
        self.assertEqual(session.run(torch.from_numpy(image)).confidence, session.run(image).confidence)


if __name__ == "__main__":
    unittest.main()
