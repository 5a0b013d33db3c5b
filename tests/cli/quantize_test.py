"""einet quantize: the shipped bundle and an ONNX file in int8, and invalid requests."""

from harness import SHIPPED, SOURCE, CommandTest

COMMON = ["--data", "fashion-mnist", "--limit", "300", "--budget", "50ms", "--calibration", "100"]


class QuantizeTest(CommandTest):
    def test_shipped_bundle(self):
        report = self.json("quantize", SHIPPED, "-o", "q.einet", *COMMON, "--max-loss", "2")
        self.assertEqual(len(report["exits"]), 20)
        for e in report["exits"]:
            self.assertLessEqual(e["loss_points"], 2 + 1e-6)
            self.assertGreater(e["seconds"], 0)
        self.assertGreater(len(report["quantized_layers"]), 50)
        self.assertEqual((report["calibration_images"], report["scored_images"]), (100, 300))
        self.check_file(self.dir / "q.einet/model.onnx")
        info = self.json("bundle", "info", "q.einet")
        self.assertEqual(info["name"], "q")
        # What was fitted to the float network is gone; the rest was measured anew.
        self.assertFalse((self.dir / "q.einet/predictor.onnx").exists())
        self.assertTrue((self.dir / "q.einet/confidence.npz").exists())
        self.ok("plan", "q.einet")
        self.ok("run", "q.einet", "fashion-mnist:3", "--deadline", "50ms")
        self.ok("profile", SHIPPED, "-o", "float.einet", "--data", "fashion-mnist", "--limit", "300", "--budget", "50ms")
        self.ok("compare", "float.einet", "q.einet")  # On the same samples.
        self.fails(2, "quantize", "q.einet", "-o", "again.einet", *COMMON, says="quantised already")

    def check_file(self, path):
        import onnx

        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        self.assertEqual(model.opset_import[0].version, 13)
        types = {i.name: i.data_type for i in model.graph.initializer}
        producers = {o: n for n in model.graph.node for o in n.output}
        quantized = 0
        for node in model.graph.node:
            if node.op_type == "QuantizeLinear":
                readers = [n for n in model.graph.node if node.output[0] in n.input]
                self.assertEqual([n.op_type for n in readers], ["DequantizeLinear"])
            if node.op_type not in ("Conv", "Gemm") or node.input[1] not in producers:
                continue
            weights = producers[node.input[1]]
            if weights.op_type != "DequantizeLinear":
                continue
            quantized += 1
            self.assertEqual(types[weights.input[0]], onnx.TensorProto.INT8)
            self.assertEqual(producers[node.input[0]].op_type, "DequantizeLinear")
        self.assertGreater(quantized, 50)

    def test_model_file(self):
        self.ok("model", "build", "msdnet", "--set", "blocks=3", "--set", "channels=4", "--input", "1x28x28", "-o", "net.onnx")
        report = self.json("quantize", "net.onnx", "-o", "q.einet", *COMMON, "--max-loss", "100", "--range", "99.9")
        self.assertEqual(report["returned_layers"], [])
        self.assertEqual(len(report["exits"]), 3)

    def test_the_destination_is_not_lost(self):
        copy = self.copy_bundle()
        self.fails(2, "quantize", copy, "-o", copy, *COMMON, says="-o OTHER.einet")
        self.fails(2, "quantize", SHIPPED, "-o", copy, *COMMON, says="would lose")
        self.fails(2, "quantize", SHIPPED, "-o", "q.onnx", *COMMON, says=".einet")

    def test_invalid_requests(self):
        out = ["-o", "q.einet"]
        self.fails(2, "quantize", SHIPPED, *out, says="--data")
        self.fails(2, "quantize", SHIPPED, "--data", "fashion-mnist", says="--output")
        self.fails(2, "quantize", SHIPPED, *out, *COMMON, "--max-loss", "-1", says="--max-loss")
        self.fails(2, "quantize", SHIPPED, *out, *COMMON, "--calibration", "0", says="--calibration")
        self.fails(2, "quantize", SHIPPED, *out, *COMMON, "--range", "most", says="range 'most'")
        self.fails(2, "quantize", SHIPPED, *out, *COMMON, "--shape", "1x28x28", says="--shape")
        self.fails(1, "quantize", "absent.einet", *out, *COMMON, says="absent.einet")
        self.fails(2, "quantize", SHIPPED, *out, "--data", "fashion-mist", says="fashion-mnist")
        self.fails(1, "quantize", SOURCE / "bundles/mnist-vgg16-small.einet", *out, *COMMON, says="no weights")

    def test_images_that_do_not_fit(self):
        self.ok("model", "build", "msdnet", "--set", "blocks=2", "--set", "channels=4", "--input", "3x32x32", "-o", "net.onnx")
        self.fails(1, "quantize", "net.onnx", "-o", "q.einet", *COMMON, says="net.onnx")
