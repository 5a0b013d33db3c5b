"""einet model run: any ONNX network on a NumPy array, invalid input, and the output of `inspect --passes`."""
import unittest

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from harness import SHIPPED, CommandTest


def network(nodes, outputs, weights=None, shape=("N", 2, 4, 4), opset=13):
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(shape))],
                              [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
                              [numpy_helper.from_array(value, name) for name, value in (weights or {}).items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])


def two_exits():
    """mean/0: the mean of each channel; flat: everything, twice."""
    return network([helper.make_node("ReduceMean", ["x"], ["mean/0"], axes=[2, 3], keepdims=0),
                    helper.make_node("Add", ["x", "x"], ["twice"]), helper.make_node("Flatten", ["twice"], ["flat"])],
                   ["mean/0", "flat"])


class ModelRunTest(CommandTest):
    def save(self, model, name="net.onnx", **kwargs):
        onnx.save(model, str(self.dir / name), **kwargs)
        return name

    def array(self, shape, name="x.npy"):
        values = numpy.random.default_rng(1).normal(size=shape).astype("float32")
        numpy.save(self.dir / name, values)
        return values

    def test_every_output_is_written(self):
        self.save(two_exits())
        x = self.array((3, 2, 4, 4))
        for options in [[], ["--reference"]]:
            reply = self.json("model", "run", "net.onnx", "--input", "x.npy", "--output", "out", *options)
            self.assertEqual({o["output"]: o["shape"] for o in reply}, {"mean/0": [3, 2], "flat": [3, 32]})
            numpy.testing.assert_allclose(numpy.load(self.dir / "out" / "mean_0.npy"), x.mean((2, 3)), rtol=1e-5, atol=1e-6)
            flat = numpy.load(self.dir / "out" / "flat.npy")
            self.assertEqual((flat.dtype, flat.flags.c_contiguous), (numpy.float32, True))
            numpy.testing.assert_array_equal(flat, (2 * x).reshape(3, 32))
            for entry in reply:
                for image in range(3):
                    scores = {"mean/0": x.mean((2, 3)), "flat": (2 * x).reshape(3, 32)}[entry["output"]][image]
                    top = [guess["class"] for guess in entry["top"][image]]
                    self.assertEqual(top, list(numpy.argsort(-scores)[:5]))
        self.assertIn("flat [3,32]", self.ok("model", "run", "net.onnx", "--input", "x.npy"))

    def test_the_shipped_network(self):
        self.array((1, 1, 28, 28))
        reply = self.json("model", "run", SHIPPED / "model.onnx", "--input", "x.npy", "--output", "out")
        self.assertEqual(len(reply), len(list((self.dir / "out").iterdir())))
        for entry in reply:
            self.assertEqual([len(top) for top in entry["top"]], [5])

    def test_bfloat16(self):
        self.array((1, 1, 28, 28))
        run = ["model", "run", SHIPPED / "model.onnx", "--input", "x.npy"]
        done = self.einet(*run, "--precision", "bf16", "--output", "bf16")
        if done.returncode != 0:
            self.assertRegex(done.stderr, "^einet: .*bf16")
            self.skipTest("this processor has no bfloat16")
        self.ok(*run, "--output", "f32")
        for path in (self.dir / "f32").iterdir():
            f32, bf16 = numpy.load(path), numpy.load(self.dir / "bf16" / path.name)
            self.assertEqual(bf16.dtype, numpy.float32)
            numpy.testing.assert_allclose(bf16, f32, atol=0.05 * numpy.abs(f32).max())
        self.assertTrue(any((numpy.load(path) != numpy.load(self.dir / "bf16" / path.name)).any()
                            for path in (self.dir / "f32").iterdir()), "the precision has no effect")
        self.fails(2, *run, "--precision", "f16", says="f16")

    def test_input_of_another_shape(self):
        self.save(two_exits())
        self.array((1, 3, 4, 4))
        self.fails(1, "model", "run", "net.onnx", "--input", "x.npy", says=["x.npy", "[1,3,4,4]", "[N,2,4,4]"])
        (self.dir / "text.npy").write_text("no array")
        self.fails(1, "model", "run", "net.onnx", "--input", "text.npy", says="text.npy")
        self.fails(1, "model", "run", "net.onnx", "--input", "none.npy", says="none.npy")

    def test_open_shapes_need_the_shape_option(self):
        self.save(network([helper.make_node("GlobalMaxPool", ["x"], ["y"])], ["y"], shape=("N", 2, "height", "width")))
        x = self.array((1, 2, 5, 6))
        self.fails(1, "model", "run", "net.onnx", "--input", "x.npy", says=["height", "--shape", "2x?x?"])
        self.ok("model", "run", "net.onnx", "--input", "x.npy", "--shape", "2x5x6", "--output", "out")
        numpy.testing.assert_array_equal(numpy.load(self.dir / "out" / "y.npy"), x.max((2, 3), keepdims=True))
        self.ok("model", "inspect", "net.onnx", "--shape", "1x2x5x6")
        self.fails(2, "model", "inspect", "net.onnx", "--shape", "3x5x6", says=["2x?x?", "[3,5,6]"])
        self.fails(2, "model", "inspect", "net.onnx", "--shape", "5by6", says="5by6")

    def test_weights_in_files_of_the_folder(self):
        weights = {"w": numpy.arange(32, dtype="float32").reshape(2, 4, 4)}
        model = network([helper.make_node("Mul", ["x", "w"], ["p"]), helper.make_node("Flatten", ["p"], ["y"])], ["y"], weights)
        self.save(model, save_as_external_data=True, location="weights.bin", size_threshold=0)
        x = self.array((1, 2, 4, 4))
        self.ok("model", "run", "net.onnx", "--input", "x.npy", "--output", "out")
        numpy.testing.assert_allclose(numpy.load(self.dir / "out" / "y.npy"), (x * weights["w"]).reshape(1, 32), rtol=1e-6)

        (self.dir / "weights.bin").write_bytes(b"short")
        self.fails(1, "model", "inspect", "net.onnx", says=["net.onnx", "'w'", "weights.bin"])
        (self.dir / "weights.bin").unlink()
        self.fails(1, "model", "inspect", "net.onnx", says=["net.onnx", "'w'", "weights.bin", "does not exist"])

    def test_weights_outside_the_folder(self):
        (self.dir / "inner").mkdir()
        (self.dir / "secret.bin").write_bytes(bytes(128))
        (self.dir / "inner" / "link.bin").symlink_to("../secret.bin")
        for location in ["../secret.bin", str(self.dir / "secret.bin"), "link.bin", "a/../../secret.bin"]:
            model = network([helper.make_node("Mul", ["x", "w"], ["y"])], ["y"])
            tensor = model.graph.initializer.add(name="w", data_type=TensorProto.FLOAT, dims=[2, 4, 4])
            tensor.data_location = TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value=location)
            (self.dir / "inner" / "net.onnx").write_bytes(model.SerializeToString())
            self.fails(1, "model", "inspect", "inner/net.onnx", says=["'w'", "outside the folder"])

    def test_absurd_sizes(self):
        huge = network([helper.make_node("Pad", ["x", "pads"], ["y"])], ["y"],
                       {"pads": numpy.array([0, 0, 0, 0, 0, 0, 1 << 20, 1 << 20])})
        self.fails(1, "model", "inspect", self.save(huge), says=["Pad", "too large"])
        filled = network([helper.make_node("ConstantOfShape", ["s"], ["c"]), helper.make_node("Add", ["x", "c"], ["y"])],
                         ["y"], {"s": numpy.array([1 << 20, 1 << 20])})
        self.fails(1, "model", "inspect", self.save(filled), says=["ConstantOfShape", "too large"])
        self.fails(1, "model", "inspect", self.save(network(
            [helper.make_node("Relu", ["x"], ["y"])], ["y"], shape=(1, 1 << 20, 1 << 20, 1))), says="too large")

    def test_all_unsupported_operators_at_once(self):
        model = network([helper.make_node("LSTM", ["x"], ["a"], name="memory"), helper.make_node("Selu", ["a"], ["b"], name="error"),
                         helper.make_node("ScatterND", ["b", "i", "b"], ["y"], name="pick")], ["y"], {"i": numpy.array([[0]])})
        self.fails(1, "model", "inspect", self.save(model), says=["LSTM", "memory", "Selu", "error", "ScatterND", "pick", "only on shapes"])

    def test_cycle(self):
        model = network([helper.make_node("Add", ["x", "b"], ["a"], name="first"), helper.make_node("Relu", ["a"], ["b"])], ["b"])
        self.fails(1, "model", "inspect", self.save(model), says=["first", "cycle"])

    def test_passes_report_their_effect(self):
        passes = {p["pass"]: p["did"] for p in self.json("model", "inspect", SHIPPED / "model.onnx", "--passes")["passes"]}
        self.assertLessEqual({"constant folding", "dead code", "shapes", "lowering", "batch-norm folding", "activation fusion",
                              "residual fusion", "layout assignment", "in-place concatenation", "memory plan", "implementations"}, set(passes))
        self.assertIn("memory plan", self.ok("model", "inspect", SHIPPED / "model.onnx", "--passes"))
        self.assertNotIn("passes", self.json("model", "inspect", SHIPPED / "model.onnx"))


if __name__ == "__main__":
    unittest.main()
