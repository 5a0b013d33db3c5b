"""--data FOLDER: images of one's own, with train/CLASS/ and test/CLASS/."""
import random
import struct
import unittest
import zlib

from harness import TRAINS, CommandTest


def png(path, size, colour, noise):
    """An even colour with some noise, as an RGB png."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes(min(255, c + noise.randrange(40)) for _ in range(size) for c in colour) for _ in range(size))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class ImageFolderTest(CommandTest):
    def setUp(self):
        super().setUp()
        noise = random.Random(1)
        for split, count in [("train", 40), ("test", 20)]:
            for name, colour in [("red", (200, 20, 20)), ("green", (20, 200, 20))]:
                for i in range(count):
                    png(self.dir / "photos" / split / name / f"{i}.png", noise.choice([32, 40]), colour, noise)
        self.ok("model", "build", "b-alexnet", "--classes", "2", "-o", "net.onnx")

    def spoil(self):
        whole = (self.dir / "photos/test/red/0.png").read_bytes()
        (self.dir / "photos/test/red/torn.png").write_bytes(whole[: len(whole) // 2])
        (self.dir / "photos/test/red/notes.txt").write_text("these are red")

    def test_profile(self):
        profile = self.json("profile", "net.onnx", "--data", "photos", "-o", "b.einet", "--budget", "50ms")
        self.assertEqual(profile["samples"], 40)

    def test_unreadable_images_are_named_and_counted(self):
        self.spoil()
        done = self.einet("profile", "net.onnx", "--data", "photos", "-o", "b.einet", "--budget", "50ms")
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in ["photos/test/red/torn.png: damaged picture", "photos/test/red/notes.txt: not a picture", "2 of 42 test images"]:
            self.assertIn(words, done.stderr)
        self.fails(1, "profile", "net.onnx", "--data", "photos", "-o", "c.einet", "--unreadable", "stop", says="photos/test/red/")

    def test_folders_that_are_none(self):
        self.fails(1, "profile", "net.onnx", "--data", "./absent", "-o", "b.einet", says="absent: no such folder")
        (self.dir / "photos/test/blue").mkdir()
        self.fails(1, "profile", "net.onnx", "--data", "photos", "-o", "b.einet", says="photos/test/blue: no class")

    def test_classes_that_do_not_fit(self):
        self.ok("model", "build", "b-alexnet", "--classes", "10", "-o", "ten.onnx")
        self.fails(1, "profile", "ten.onnx", "--data", "photos", "-o", "b.einet", says=["10", "2"])

    @unittest.skipUnless(TRAINS, "this build has no training")
    def test_train_learns_what_is_in_the_folder(self):
        trained = self.json("train", "net.onnx", "--data", "photos", "-o", "trained.onnx", "--epochs", "4", "--batch", "16",
                            "--lr", "0.01")
        self.assertGreater(trained["epochs"][-1]["accuracy"][-1], 0.9)


if __name__ == "__main__":
    unittest.main()
