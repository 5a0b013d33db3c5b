"""einet predictor fit: the paper's training, and trainings that continue from a checkpoint."""
import os
import unittest

from harness import TRAINS, CommandTest

SMALL = ["--set", "blocks=2", "--set", "channels=2", "--set", "growth=2", "--input", "1x28x28"]


@unittest.skipUnless(TRAINS, "this build has no training")
class PredictorTest(CommandTest):
    def bundle(self):
        self.ok("model", "build", "msdnet", *SMALL, "-o", "net.onnx")
        self.ok("profile", "net.onnx", "--data", "fashion-mnist", "--limit", "16", "-o", "b.einet", "--budget", "50ms")

    def test_the_papers_training(self):
        """16 samples: seven predictors, 3,000 epochs of one batch each."""
        os.environ["OMP_NUM_THREADS"] = "1"  # Threads that spin slow such small steps down on a busy machine.
        self.addCleanup(os.environ.pop, "OMP_NUM_THREADS")
        self.bundle()
        self.ok("predictor", "fit", "b.einet", "--paper", "-o", "paper.einet")
        kept = sorted((self.dir / "checkpoints/b-predictor").iterdir())
        self.assertEqual(len(kept), 7)
        first = (self.dir / "paper.einet/predictor.onnx").read_bytes()
        self.ok("predictor", "fit", "b.einet", "--paper", "-o", "paper.einet", "--force")  # Taken from the checkpoints.
        self.assertEqual((self.dir / "paper.einet/predictor.onnx").read_bytes(), first)
        self.assertEqual(sorted((self.dir / "checkpoints/b-predictor").iterdir()), kept)

    def test_it_excludes_other_options_of_the_training(self):
        self.bundle()
        for option in (["--epochs", "5"], ["--lr", "0.1"], ["--target", "correctness"]):
            self.fails(2, "predictor", "fit", "b.einet", "--paper", *option, says=["--paper", option[0]])
        self.assertFalse((self.dir / "b.einet/predictor.onnx").exists())

    def test_checkpoints_are_kept_where_asked_for(self):
        self.bundle()
        self.ok("predictor", "fit", "b.einet", "--epochs", "2")
        self.assertFalse((self.dir / "checkpoints").exists())
        self.ok("predictor", "fit", "b.einet", "--epochs", "2", "--checkpoint", "kept")
        self.assertEqual(len(list((self.dir / "kept").iterdir())), 7)


if __name__ == "__main__":
    unittest.main()
