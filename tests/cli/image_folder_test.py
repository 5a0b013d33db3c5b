"""--data FOLDER: image folders with train/CLASS/ and test/CLASS/."""
import json
import random
import struct
import unittest
import zlib

from harness import TRAINS, CommandTest


# A uniformly grey picture of 8x8 pixels.
JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300281c1e231e19282321232d2b28303c64413c37373c7b585d496491809996"
    "8f808c8aa0b4e6c3a0aadaad8a8cc8ffcbdaeef5ffffff9bc1fffffffaffe6fdfff8ffc0000b080008000801011100ffc4001400010000"
    "0000000000000000000000000004ffc40014100100000000000000000000000000000000ffda0008010100003f003bffd9")


def png(path, size, colour, noise):
    """A uniform colour with some noise, as an RGB png."""
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

    def damage(self):
        whole = (self.dir / "photos/test/red/0.png").read_bytes()
        (self.dir / "photos/test/red/torn.png").write_bytes(whole[: len(whole) // 2])
        (self.dir / "photos/test/red/cut.jpg").write_bytes(JPEG[:-2])
        (self.dir / "photos/test/red/notes.txt").write_text("these are red")

    def test_profile(self):
        (self.dir / "photos/test/red/whole.jpg").write_bytes(JPEG)
        profile = self.json("profile", "net.onnx", "--data", "photos", "-o", "b.einet", "--budget", "50ms")
        self.assertEqual(profile["samples"], 41)
        large = next(p for p in (self.dir / "photos/test/red").iterdir() if p.suffix == ".png" and p.read_bytes()[19] == 40)
        self.fails(1, "run", "b.einet", large, says=["40x40", "32x32", "--fit"])
        (result,) = self.json("run", "b.einet", large, "--fit")
        self.assertIn(result["answer"]["name"], ["green", "red"])

    def test_normalization_of_a_pretrained_network(self):
        given = ["--mean", "0.485,0.456,0.406", "--stddev", "0.229,0.224,0.225"]
        self.ok("profile", "net.onnx", "--data", "photos", "-o", "b.einet", "--budget", "50ms", *given)
        manifest = json.loads((self.dir / "b.einet/manifest.json").read_text())
        self.assertAlmostEqual(manifest["normalization"]["mean"][1], 0.456, places=6)
        self.assertAlmostEqual(manifest["normalization"]["stddev"][2], 0.225, places=6)
        profile = ["profile", "net.onnx", "--data", "photos", "-o", "c.einet"]
        self.fails(2, *profile, "--mean", "0.5", "--stddev", "0.5", says="3 numbers")
        self.fails(2, *profile, "--mean", "0,0,0", "--stddev", "1,0,1", says="positive")
        self.fails(2, *profile, "--mean", "0,0,0", says="3 numbers")

    def test_unreadable_images_are_named_and_counted(self):
        self.damage()
        done = self.einet("profile", "net.onnx", "--data", "photos", "-o", "b.einet", "--budget", "50ms")
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in ["photos/test/red/torn.png: damaged picture", "photos/test/red/notes.txt: not a picture",
                      "photos/test/red/cut.jpg: damaged picture", "3 of 43 test images"]:
            self.assertIn(words, done.stderr)
        self.fails(1, "profile", "net.onnx", "--data", "photos", "-o", "c.einet", "--unreadable", "stop", says="photos/test/red/")

    def test_invalid_folders(self):
        self.fails(1, "profile", "net.onnx", "--data", "./absent", "-o", "b.einet", says="absent: no such folder or CSV list")
        (self.dir / "photos/test/blue").mkdir()
        self.fails(1, "profile", "net.onnx", "--data", "photos", "-o", "b.einet", says="photos/test/blue: no class")

    def test_csv_list(self):
        rows = [f"{p.relative_to(self.dir)},{p.parent.name},{p.parent.parent.name}" for p in self.dir.glob("photos/*/*/*.png")]
        (self.dir / "list.csv").write_text("path,label,split\n" + "\n".join(rows) + "\n")
        profile = ["profile", "net.onnx", "--data", "list.csv", "-o", "b.einet", "--budget", "50ms"]
        self.assertEqual(self.json(*profile)["samples"], 40)
        (self.dir / "list.csv").write_text("\n".join(rows[:3] + ["photos/x.png,red,tset"]))
        self.fails(1, *profile[:4], "-o", "c.einet", says=["list.csv:4", "tset"])

    def test_val_next_to_train(self):
        profile = ["profile", "net.onnx", "--data", "photos", "-o", "b.einet", "--budget", "50ms"]
        self.assertNotIn("no test", self.einet(*profile).stderr)
        (self.dir / "photos/test").rename(self.dir / "photos/val")
        done = self.einet(*profile, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["samples"], 40)
        self.assertIn("einet: photos: no test; using those in val as test images\n", done.stderr)
        (self.dir / "photos/val").rename(self.dir / "photos/dev")
        self.fails(1, *profile, says=["photos: no folder of test images", "test/, val/, valid/ and validation/"])

    def test_classes_that_do_not_fit(self):
        self.ok("model", "build", "b-alexnet", "--classes", "10", "-o", "ten.onnx")
        self.fails(1, "profile", "ten.onnx", "--data", "photos", "-o", "b.einet", says=["10", "2"])

    @unittest.skipUnless(TRAINS, "this build has no training")
    def test_train_learns_the_classes_of_the_folder(self):
        trained = self.json("train", "net.onnx", "--data", "photos", "-o", "trained.onnx", "--epochs", "4", "--batch", "16",
                            "--lr", "0.01")
        self.assertGreater(trained["epochs"][-1]["accuracy"][-1], 0.9)

    @unittest.skipUnless(TRAINS, "this build has no training")
    def test_train_on_a_folder_whose_name_is_not_utf8(self):
        (self.dir / "photos").rename(self.dir / "caf\udce9")
        train = ["train", "net.onnx", "--data", "./caf\udce9", "-o", "trained.onnx", "--epochs", "1", "--batch", "16"]
        self.assertEqual(self.json(*train)["dataset"], "./caf\ufffd")
        self.assertEqual(len(self.json(*train, "--resume")["epochs"]), 1)


if __name__ == "__main__":
    unittest.main()
