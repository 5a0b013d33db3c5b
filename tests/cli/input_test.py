"""Input of commands: pictures, standard input, files of cut-offs, and invalid numbers."""
import struct
import unittest
import zlib

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from harness import SHIPPED, CommandTest


def png(rows, bits=8, kind=0, extra=b""):
    """`rows` of values of kind 0 (grey), 2 (colour), 4 and 6 (the same with alpha)."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[kind]
    data = b"".join(b"\0" + numpy.asarray(row, dtype=">u2" if bits == 16 else "u1").tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", len(rows[0]) // channels, len(rows), bits, kind, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + (chunk(b"eXIf", extra) if extra else b"") +
            chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def exif(orientation):
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 274, 3, 1, orientation, 0, 0)


SIDES = {"0top": numpy.s_[:2, :], "1bottom": numpy.s_[2:, :], "2left": numpy.s_[:, :2], "3right": numpy.s_[:, 2:]}


def bright(side, width=4, height=4):
    picture = numpy.zeros((height, width), dtype="u1")
    picture[SIDES[side]] = 255
    return picture


def save_halves(path):
    """Two exits that both classify which half of a grey 4x4 picture is the brightest."""
    weights = numpy.stack([bright(side) / 255 for side in SIDES]).astype("float32").reshape(4, 1, 4, 4)
    nodes = []
    for i, name in enumerate(["exit1", "exit2"]):
        nodes += [helper.make_node("Conv", ["x", "w"], [f"c{i}"]), helper.make_node("Flatten", [f"c{i}"], [name])]
    graph = helper.make_graph(nodes, "halves", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 1, 4, 4])],
                              [helper.make_tensor_value_info(f"exit{i}", TensorProto.FLOAT, ["N", 4]) for i in (1, 2)],
                              [numpy_helper.from_array(weights, "w")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)]), str(path))


class PictureTest(CommandTest):
    # For every orientation: the side that is bright in the stored pixels of a picture with a bright top.
    STORED = {1: "0top", 2: "0top", 3: "1bottom", 4: "1bottom", 5: "2left", 6: "2left", 7: "3right", 8: "3right"}

    def setUp(self):
        super().setUp()
        save_halves(self.dir / "halves.onnx")

    def profile(self, test):
        for split, pictures in [("train", {side: [png(bright(side))] for side in SIDES}), ("test", test)]:
            for side, files in pictures.items():
                folder = self.dir / "photos" / split / side
                folder.mkdir(parents=True, exist_ok=True)
                for i, data in enumerate(files):
                    (folder / f"{i}.png").write_bytes(data)
        return self.json("profile", "halves.onnx", "--data", "photos", "-o", "h.einet", "--mean", "0", "--stddev", "1",
                         "--budget", "20ms", "--no-tune")

    def test_photographs_are_turned_upright(self):
        turned = [png(bright(stored), extra=exif(tag)) for tag, stored in self.STORED.items()]
        profile = self.profile({"0top": turned})
        self.assertEqual([e["accuracy"] for e in profile["exits"]], [1, 1])
        names = []
        for tag, data in enumerate(turned, 1):
            names.append(f"{tag}.png")
            (self.dir / names[-1]).write_bytes(data)
        (self.dir / "damaged.png").write_bytes(png(bright("2left"), extra=exif(6)[:12]))
        answers = [r["answer"]["name"] for r in self.json("run", "h.einet", *names, "damaged.png", "--no-tune")]
        self.assertEqual(answers, ["0top"] * 8 + ["2left"])

    def test_alpha_is_dropped_and_sixteen_bits_are_kept(self):
        transparent = numpy.stack([bright("1bottom"), numpy.zeros((4, 4), dtype="u1")], axis=-1).reshape(4, 8)
        dim = numpy.full((4, 4), 0x0100) + (bright("3right") > 0) * 0x00fe  # Differs only in the lower byte.
        profile = self.profile({"1bottom": [png(transparent, kind=4)], "3right": [png(bright("3right").astype("u2") * 257, 16)]})
        self.assertEqual([e["accuracy"] for e in profile["exits"]], [1, 1])
        (self.dir / "transparent.png").write_bytes(png(transparent, kind=4))
        (self.dir / "dim.png").write_bytes(png(dim, 16))
        answers = [r["answer"]["name"] for r in self.json("run", "h.einet", "transparent.png", "dim.png", "--no-tune")]
        self.assertEqual(answers, ["1bottom", "3right"])

    def test_huge_pictures_are_rejected_by_their_header(self):
        whole = png([[0]])
        header = struct.pack(">IIBBBBB", 15000, 15000, 16, 2, 0, 0, 0)
        chunk = b"IHDR" + header
        huge = whole[:8] + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + whole[33:]
        (self.dir / "huge.png").write_bytes(huge)
        self.profile({"0top": [png(bright("0top"))]})
        for options in [[], ["--fit"]]:
            self.fails(1, "run", "h.einet", "huge.png", *options, says=["huge.png", "15000x15000", "100 million pixels"])
        # The wrong size is detected before any pixel is decoded: this file has no pixels.
        header = struct.pack(">IIBBBBB", 9000, 9000, 8, 0, 0, 0, 0)
        chunk = b"IHDR" + header
        large = whole[:8] + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + whole[33:]
        (self.dir / "large.png").write_bytes(large)
        self.fails(1, "run", "h.einet", "large.png", says=["9000x9000", "4x4", "--fit"])


class StandardInputTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.picture = b"P5 28 28 255\n" + bytes(i % 256 for i in range(784))
        (self.dir / "p.pgm").write_bytes(self.picture)
        numpy.save(self.dir / "p.npy", numpy.frombuffer(self.picture[-784:], dtype="u1").reshape(28, 28))

    def test_pictures_and_arrays(self):
        (named,) = self.json("run", SHIPPED, "p.pgm")
        for data in [self.picture, (self.dir / "p.npy").read_bytes()]:
            (piped,) = self.json("run", SHIPPED, "-", stdin=data)
            self.assertEqual(piped["input"], "standard input")
            self.assertEqual(piped["answer"]["label"], named["answer"]["label"])
        self.fails(1, "run", SHIPPED, "-", stdin=b"", says="standard input: not a picture")
        self.fails(2, "run", SHIPPED, "-", "-", stdin=self.picture, says="standard input: can be read only once")
        self.fails(2, "run", SHIPPED, "-", "--distribution", "csv:-", stdin=b"0.001\n", says="only once")

    def test_arrays_of_model_run(self):
        numpy.save(self.dir / "x.npy", numpy.zeros((1, 1, 28, 28), dtype="f4"))
        run = ["model", "run", SHIPPED, "--input"]
        self.assertEqual(self.json(*run, "-", stdin=(self.dir / "x.npy").read_bytes()), self.json(*run, "x.npy"))

    def test_cut_offs(self):
        self.copy_bundle()
        self.ok("profile", "copy.einet", "--timing-only", "--budget", "50ms")
        self.assertEqual(self.json("plan", "copy.einet", "--distribution", "csv:-", stdin=b"cut_ms\n1\n3\n")["distribution"], "csv:-")
        self.fails(1, "plan", "copy.einet", "--distribution", "csv:-", stdin=b"cut_ms\n1\nx\n", says="standard input: line 3")


class CutOffTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.copy_bundle()
        self.ok("profile", "copy.einet", "--timing-only", "--budget", "50ms")

    def plan(self, text, name="cuts.csv"):
        (self.dir / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return self.json("plan", "copy.einet", "--distribution", f"csv:{name}")["plan"]

    def test_units_of_a_column(self):
        seconds = self.plan("0.0002\n0.0004\n")
        for text in ["cut_ms\n0.2\n0.4\n", "time (us)\r\n200\r\n400\r\n", "\ufeff0.0002\n0.0004\n", "200us\n0.4ms\n",
                     "\ufeff\"t_ns\"\n200000\n400000\n"]:
            self.assertEqual(self.plan(text), seconds, text)

    def test_invalid_files(self):
        for text, line in [("cut_ms\n1\n-1\n", "line 3"), ("1\n\nnan\n", "line 3"), ("a,b\n1,2\n", "line 1"), ("cut_T\n1\n", "line 1")]:
            (self.dir / "bad.csv").write_text(text)
            self.fails(1, "plan", "copy.einet", "--distribution", "csv:bad.csv", says=["bad.csv", line])
        (self.dir / "bad.csv").write_bytes("cut_ms\n1\n".encode("utf-16"))
        self.fails(1, "plan", "copy.einet", "--distribution", "csv:bad.csv", says=["bad.csv", "UTF-16", "UTF-8"])

    def test_times_have_units(self):
        plan = ["plan", "copy.einet", "--distribution"]
        self.fails(2, *plan, "deadline:0.5", says=["0.5s", "0.5ms", "0.5T"])
        self.assertEqual(self.json(*plan, "gaussian:0.5,0.5")["plan"], self.json(*plan, "gaussian:0.5T,0.5T")["plan"])
        horizon = self.json(*plan, "uniform")["horizon_seconds"]
        half = self.json(*plan, "deadline:0.5T")["distribution"]
        self.assertAlmostEqual(float(half.removeprefix("deadline:").removesuffix("s")), horizon / 2)
        run = ["run", "copy.einet", "fashion-mnist:0", "--deadline"]
        self.fails(2, *run, "3", says=["3ms", "3T"])
        (result,) = self.json(*run, "1000000T")
        self.assertFalse(result["interrupted"])
        self.fails(2, "profile", "copy.einet", "--timing-only", "--budget", "1T", says=["1T", "horizon"])
        self.fails(2, "profile", "copy.einet", "--timing-only", "--budget", "0s", says="above 0")


class NotANumberTest(CommandTest):
    def save(self, op):
        graph = helper.make_graph([helper.make_node(op, ["x", "c"], ["y"])], "g",
                                  [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3])],
                                  [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 3])],
                                  [numpy_helper.from_array(numpy.array([0, 1, 2], dtype="f4"), "c")])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)]), str(self.dir / "net.onnx"))

    def test_inputs(self):
        x = numpy.zeros((1, 1, 28, 28), dtype="f4")
        for value, word in [(numpy.nan, "NaN"), (numpy.inf, "infinite"), (-numpy.inf, "infinite")]:
            x[0, 0, 2, 5] = value
            numpy.save(self.dir / "x.npy", x)
            self.fails(1, "model", "run", SHIPPED / "model.onnx", "--input", "x.npy", says=["x.npy", "[0,0,2,5]", word])

    def test_outputs(self):
        self.save("Div")  # 0/0, 1/1, 2/2 and 1/0, 1/1, 1/2
        numpy.save(self.dir / "x.npy", numpy.array([[0, 1, 2], [1, 1, 1], [-1, 1, 1]], dtype="f4"))
        run = ["model", "run", "net.onnx", "--input", "x.npy", "--reference"]
        (reply,) = self.json(*run, "--output", "out")
        self.assertEqual(reply["top"][:2], [None, None])
        self.assertEqual([guess["class"] for guess in reply["top"][2]], [1, 2, 0])  # -inf is the least.
        self.assertEqual(reply["not_finite"], 3)
        self.assertTrue(numpy.isnan(numpy.load(self.dir / "out" / "y.npy")[0, 0]))
        text = self.ok(*run)
        self.assertIn("3 values are NaN or infinite", text)
        self.assertEqual(text.count("no class, because scores are NaN or infinite"), 2)

    def test_answers_of_a_run(self):
        nodes = [helper.make_node("Flatten", ["x"], ["f"]), helper.make_node("Mul", ["f", "c"], ["m"]),
                 helper.make_node("Add", ["m", "m"], ["y"])]  # Twice 3e38 is infinite.
        graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 1, 1, 2])],
                                  [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 2])],
                                  [numpy_helper.from_array(numpy.array([3e38, 1], dtype="f4"), "c")])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)]), str(self.dir / "net.onnx"))
        for path in ["train/a", "train/b", "test/a"]:
            (self.dir / "photos" / path).mkdir(parents=True)
            (self.dir / "photos" / path / "black.png").write_bytes(png([[0, 0]]))
        (self.dir / "white.png").write_bytes(png([[255, 255]]))
        self.ok("profile", "net.onnx", "--data", "photos", "-o", "n.einet", "--mean", "0", "--stddev", "1", "--budget", "20ms",
                "--no-tune", "--weights", "float32")
        run = ["run", "n.einet", "white.png", "--no-tune", "--distribution", "deadline:1s"]
        (result,) = self.json(*run)
        self.assertIsNone(result["answer"])
        self.assertEqual(result["answers"], [])
        self.assertIn("NaN", result["failed"])
        self.assertIn("none: the scores of all executed exits were NaN", self.ok(*run))


if __name__ == "__main__":
    unittest.main()
