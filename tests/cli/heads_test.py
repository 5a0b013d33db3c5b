"""The kind of the outputs of an exit: found in the graph, or given by --head and stored in the file."""
import json
import pathlib
import shutil
import unittest

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from harness import CommandTest

PHOTOS = pathlib.Path(__file__).parent / "exported" / "photos"  # 5 classes, 8x8 pixels
PLAIN = ["--mean", "0,0,0", "--stddev", "1,1,1", "--no-tune", "--budget", "20ms"]

SUM = [("Exp", ["z"], "e"), ("ReduceSum", ["e", "axis"], "s")]
# Operators after five logits z that do not determine the kind of the outputs, by that kind.
WRITTEN_OUT = {
    "logits": [("ReduceMax", ["z"], "m", {"axes": [1]}), ("Sub", ["z", "m"], "y")],
    "softmax": SUM + [("Div", ["e", "s"], "y")],
    "log-softmax": SUM + [("Log", ["s"], "l"), ("Sub", ["z", "l"], "y")],
    "sigmoid": [("Neg", ["z"], "n"), ("Exp", ["n"], "e"), ("Add", ["e", "one"], "d"), ("Div", ["one", "d"], "y")],
}
DECIDED = {"logits": ("Identity", {}), "softmax": ("Softmax", {"axis": 1}), "log-softmax": ("LogSoftmax", {"axis": 1}),
           "sigmoid": ("Sigmoid", {})}


def property_of(file):
    return {p.key: p.value for p in onnx.load(str(file)).metadata_props}


class HeadsTest(CommandTest):
    def save(self, name, tail, outputs=("y",), width=5, flat=True):
        """A convolution to `width` values z, [N,width] or [N,width,1,1], and then the nodes of `tail`."""
        random = numpy.random.default_rng(3)
        constants = {"w": random.normal(0, 0.3, (4, 3, 3, 3)), "v": random.normal(0, 0.1, (width, 4, 6, 6)), "one": [1.0]}
        constants["tiny"] = 1e-12
        initializers = [numpy_helper.from_array(numpy.asarray(value, dtype="f4"), key) for key, value in constants.items()]
        for key, value in {"axis": [1], "points": [-1, width // 2, 2], "map": [-1, 1, 6, 6]}.items():
            initializers.append(numpy_helper.from_array(numpy.array(value, dtype="i8"), key))
        nodes = [helper.make_node("Conv", ["x", "w"], ["a"], "stem"), helper.make_node("Relu", ["a"], ["r"], "relu"),
                 helper.make_node("Conv", ["r", "v"], ["c" if flat else "z"], "last")]
        if flat:
            nodes.append(helper.make_node("Flatten", ["c"], ["z"], "flat"))
        for op, inputs, output, *attributes in tail:
            nodes.append(helper.make_node(op, inputs, [output], output, **(attributes[0] if attributes else {})))
        graph = helper.make_graph(nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 8, 8])],
                                  [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs], initializers)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(self.dir / f"{name}.onnx"))
        return f"{name}.onnx"

    def confidences(self, model, *options):
        """The confidences of a profile, and its stderr."""
        shutil.rmtree(self.dir / "b.einet", ignore_errors=True)
        done = self.einet("profile", model, "--data", PHOTOS, "-o", "b.einet", *PLAIN, "--weights", "float32", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return numpy.load(self.dir / "b.einet/confidence.npz")["confidence"][:, 0], done.stderr

    def test_each_kind_can_be_given(self):
        for head, tail in WRITTEN_OUT.items():
            with self.subTest(head):
                op, attributes = DECIDED[head]
                expected, reply = self.confidences(self.save("decided", [(op, ["z"], "y", attributes)]))
                self.assertEqual(reply, "")
                self.assertNotIn("einet.head", property_of(self.dir / "b.einet/model.onnx"))
                found, reply = self.confidences(self.save("open", tail), "--head", head)
                self.assertEqual(reply, "")
                numpy.testing.assert_allclose(found, expected, atol=1e-4)
                self.assertEqual(property_of(self.dir / "b.einet/model.onnx")["einet.head"], head)
                (result,) = self.json("run", "b.einet", PHOTOS / "test/class0/im0.png", "--fit", "--no-tune")
                self.assertLessEqual(result["answer"]["confidence"], 1)

    def test_assumptions_are_reported(self):
        net = self.save("open", WRITTEN_OUT["softmax"])
        assumed, reply = self.confidences(net)
        self.assertEqual(reply, "einet: open.onnx: the outputs of 'y' are assumed to be logits, because "
                               "node 'y' (Div) does not determine their kind; --head softmax, log-softmax or sigmoid changes this\n")
        self.assertNotIn("einet.head", property_of(self.dir / "b.einet/model.onnx"))
        given, reply = self.confidences(net, "--head", "logits")
        self.assertEqual(reply, "", "nothing is assumed if --head is given")
        numpy.testing.assert_array_equal(given, assumed)
        right, _ = self.confidences(net, "--head", "softmax")
        self.assertGreater(abs(right - assumed).max(), 0.01)
        self.fails(2, "profile", net, "--data", PHOTOS, "-o", "c.einet", *PLAIN, "--head", "relu", says=["--head", "relu"])

    def test_files_keep_what_was_given(self):
        first, _ = self.confidences(self.save("open", WRITTEN_OUT["softmax"]), "--head", "softmax")
        shutil.copy(self.dir / "b.einet/model.onnx", self.dir / "kept.onnx")
        again, reply = self.confidences("kept.onnx")
        self.assertEqual(reply, "")
        numpy.testing.assert_array_equal(again, first)
        self.assertEqual(property_of(self.dir / "b.einet/model.onnx")["einet.head"], "softmax")
        # Profiling a bundle again keeps it; another --head replaces that of a file.
        self.ok("profile", "b.einet", "--data", PHOTOS, *PLAIN)
        self.assertEqual(property_of(self.dir / "b.einet/model.onnx")["einet.head"], "softmax")
        self.fails(2, "profile", "b.einet", "--data", PHOTOS, *PLAIN, "--head", "softmax", says="--head")
        # Inserting exits keeps it too; the new exits output logits.
        self.ok("model", "insert-exits", "kept.onnx", "-o", "elastic.onnx", "--after", "relu", "--max-branch-share", "1")
        self.assertEqual(property_of(self.dir / "elastic.onnx")["einet.head"], "softmax")
        _, reply = self.confidences("elastic.onnx")
        self.assertEqual(reply, "")
        exits = json.loads((self.dir / "b.einet/manifest.json").read_text())["exits"]
        kept = numpy.load(self.dir / "b.einet/confidence.npz")["confidence"][:, exits.index("y")]
        numpy.testing.assert_allclose(kept, first, atol=1e-4)
        self.confidences("kept.onnx", "--head", "sigmoid")
        self.assertEqual(property_of(self.dir / "b.einet/model.onnx")["einet.head"], "sigmoid")
        # Other programs can read the file.
        onnx.checker.check_model(onnx.load(str(self.dir / "b.einet/model.onnx")), full_check=True)
        model = onnx.load(str(self.dir / "kept.onnx"))
        model.metadata_props[0].value = "relu"
        onnx.save(model, str(self.dir / "kept.onnx"))
        self.fails(1, "profile", "kept.onnx", "--data", PHOTOS, "-o", "c.einet", *PLAIN, says=["kept.onnx", "einet.head", "relu"])

    def test_networks_that_are_not_classifiers(self):
        landmarks = self.save("landmarks", [("Reshape", ["z", "points"], "y")], width=20)
        value = self.save("value", [("Identity", ["z"], "y")], width=1)
        heat = self.save("heat", [("Identity", ["r"], "y")])
        for net, shape in [(landmarks, "[1,10,2]"), (value, "[1,1]"), (heat, "[1,4,6,6]")]:
            with self.subTest(net):
                words = [net, "'y'", shape, "not a classifier"]
                self.fails(1, "profile", net, "--data", PHOTOS, "-o", "b.einet", *PLAIN, says=words)
                self.fails(1, "model", "insert-exits", net, "-o", "out.onnx", says=words)
        # Boxes and their scores: two outputs that are not exits of one classifier.
        detector = self.save("detector", [("Reshape", ["z", "points"], "boxes"), ("Sigmoid", ["z"], "scores")],
                             ["boxes", "scores"], width=20)
        self.fails(1, "profile", detector, "--data", PHOTOS, "-o", "b.einet", *PLAIN, says=[detector, "'boxes'", "not a classifier"])
        self.fails(1, "model", "insert-exits", detector, "-o", "out.onnx", says=[detector])

    def test_embeddings_are_not_taken_for_classes(self):
        """A row of numbers may be an embedding; the data has another number of classes."""
        net = self.save("embedding", [("Identity", ["z"], "y")], width=16)
        profile = ["profile", "--data", PHOTOS, "-o", "b.einet", *PLAIN]
        self.fails(1, *profile, net, says=["embedding.onnx: has 16 classes, but the data has 5", "insert-exits --classes 5"])
        # An embedding that is divided by its length is recognised.
        for norm in [[("ReduceL2", ["z"], "n", {"axes": [1]})],
                     [("ReduceL2", ["z"], "l", {"axes": [1]}), ("Clip", ["l", "tiny"], "n")],
                     [("Mul", ["z", "z"], "s"), ("ReduceSum", ["s", "axis"], "l"), ("Sqrt", ["l"], "n")]]:
            net = self.save("unit", [*norm, ("Div", ["z", "n"], "y")], width=16)
            says = ["unit.onnx", "'y'", "divided by its L2 norm", "not a classifier", "--head logits"]
            self.fails(1, *profile, net, says=says)
            self.fails(1, "model", "insert-exits", net, "-o", "out.onnx", says=says)
            self.fails(1, *profile, net, "--head", "logits", says=["has 16 classes"])

    def test_classes_along_the_channels_of_one_pixel(self):
        """[N,C,1,1], the output of convolutional classifiers."""
        flat, _ = self.confidences(self.save("flat", [("Softmax", ["z"], "y", {"axis": 1})]))
        maps, reply = self.confidences(self.save("map", [("Softmax", ["z"], "y", {"axis": 1})], flat=False))
        self.assertEqual(reply, "")
        numpy.testing.assert_allclose(maps, flat, atol=1e-5)
        self.assertEqual(self.json("bundle", "info", "b.einet")["classes"], 5)
        (result,) = self.json("run", "b.einet", PHOTOS / "test/class0/im0.png", "--fit", "--no-tune")
        self.assertEqual(result["answer"]["name"], f"class{result['answer']['label']}")
        # Exits before it are rows; all have the same classes.
        self.ok("model", "insert-exits", "map.onnx", "-o", "elastic.onnx", "--after", "relu", "--max-branch-share", "1")
        report = self.json("profile", "elastic.onnx", "--data", PHOTOS, "-o", "e.einet", *PLAIN)
        self.assertEqual(len(report["exits"]), 2)
        self.ok("eval", "e.einet")
        self.assertEqual(self.json("bundle", "info", "e.einet")["classes"], 5)

    def test_two_classes_of_one_sigmoid(self):
        net = self.save("binary", [("Sigmoid", ["z"], "y")], width=1)
        photos = self.dir / "two"
        for split in ["train", "test"]:
            for name in ["class0", "class1"]:
                shutil.copytree(PHOTOS / split / name, photos / split / name)
        self.ok("profile", net, "--data", photos, "-o", "b.einet", *PLAIN)
        self.assertEqual(self.json("bundle", "info", "b.einet")["classes"], 2)


if __name__ == "__main__":
    unittest.main()
