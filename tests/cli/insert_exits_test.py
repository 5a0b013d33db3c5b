"""einet model insert-exits: converts ordinary CNNs to multi-exit networks."""
import unittest

import numpy
import onnx

from harness import SHIPPED, CommandTest


def convolutional(end, outputs, size=(16, 16)):
    """Two convolutions, pooling and a linear layer "fc" [N,6], then the nodes of `end`."""
    helper, proto = onnx.helper, onnx.TensorProto
    weight = lambda name, *dims: helper.make_tensor(name, proto.FLOAT, dims, numpy.random.default_rng(len(name)).normal(size=dims).ravel())
    weights = [weight("w", 8, 3, 3, 3), weight("w2", 8, 8, 3, 3), weight("weight", 8, 6)]
    nodes = [helper.make_node("Conv", ["x", "w"], ["c1"], name="conv1", pads=[1, 1, 1, 1]),
             helper.make_node("Relu", ["c1"], ["r1"], name="relu1"),
             helper.make_node("Conv", ["r1", "w2"], ["c2"], name="conv2", pads=[1, 1, 1, 1]),
             helper.make_node("GlobalAveragePool", ["c2"], ["p"], name="pool"),
             helper.make_node("Flatten", ["p"], ["f"], name="flatten"),
             helper.make_node("Gemm", ["f", "weight"], ["fc"], name="fc")] + end
    graph = helper.make_graph(nodes, "net", [helper.make_tensor_value_info("x", proto.FLOAT, ["N", 3, *size])],
                              [helper.make_tensor_value_info(o, proto.FLOAT, None) for o in outputs], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def structure(model):
    """Nodes by name, and initializers by name and bytes."""
    nodes = {n.name: n.SerializeToString() for n in model.graph.node}
    weights = {t.name: t.SerializeToString() for t in model.graph.initializer}
    return nodes, weights


class InsertExitsTest(CommandTest):
    def build(self, name, *settings):
        self.ok("model", "build", name, *settings, "-o", "in.onnx")
        return onnx.load(str(self.dir / "in.onnx"))

    def test_keeps_the_network_and_adds_exits(self):
        for name in ["vgg16-small-classic", "resnet50-small-classic", "b-alexnet-classic"]:
            before = self.build(name)
            inserted = self.json("model", "insert-exits", "in.onnx", "-o", "out.onnx")
            after = onnx.load(str(self.dir / "out.onnx"))
            onnx.checker.check_model(after, full_check=True)
            exits = len(inserted["exits"]) + 1
            self.assertEqual([o.name for o in after.graph.output], [f"exit{i}" for i in range(1, exits + 1)])
            self.assertLessEqual(inserted["branch_macs"], inserted["macs"] / 4)
            weights = structure(after)[1]
            for weight, content in structure(before)[1].items():
                self.assertEqual(weights[weight], content)
            seen = self.json("model", "inspect", "out.onnx")
            self.assertEqual(seen["exits"], exits)
            self.assertEqual(seen["macs"], inserted["macs"] + inserted["branch_macs"])
            trunk = 0
            for exit, block in zip(inserted["exits"], seen["blocks"]):
                trunk += block["conv_macs"]
                self.assertEqual(exit["macs_before"], trunk)
                self.assertEqual(exit["macs_after"], inserted["macs"] - trunk)

    def test_vgg_has_a_place_after_every_convolution_resnet_after_every_unit(self):
        self.build("vgg16-classic")
        places = self.json("model", "insert-exits", "in.onnx", "--dry-run")["exits"]
        self.assertEqual([p["node"] for p in places[:3]], ["stage1.conv1.relu", "stage1.pool", "stage2.conv1.relu"])
        self.assertGreaterEqual(len(places), 12)
        self.build("resnet50-small-classic")
        places = self.json("model", "insert-exits", "in.onnx", "--dry-run")["exits"]
        self.assertEqual([p["node"] for p in places], ["stem.relu"] + [f"unit{i}.relu" for i in range(1, len(places))])
        self.assertGreaterEqual(len(places), 15)

    def test_dry_run_writes_nothing(self):
        self.build("b-alexnet-classic")
        before = self.listing()
        text = self.ok("model", "insert-exits", "in.onnx", "--dry-run", "-o", "out.onnx")
        self.assertEqual(self.listing(), before)
        for word in ["MACs before", "MACs after", "conv1", "would make"]:
            self.assertIn(word, text)

    def test_number_and_places_of_exits(self):
        self.build("vgg16-small-classic")
        four = self.json("model", "insert-exits", "in.onnx", "-o", "out.onnx", "--exits", "4")
        self.assertEqual(self.json("model", "inspect", "out.onnx")["exits"], 4)
        shares = [e["macs_before"] / four["macs"] for e in four["exits"]]
        for share, wanted in zip(shares, [0.25, 0.5, 0.75]):
            self.assertAlmostEqual(share, wanted, delta=0.1)
        named = self.json("model", "insert-exits", "in.onnx", "-o", "out.onnx", "--after", "stage3.pool,stage1.pool")
        self.assertEqual([e["node"] for e in named["exits"]], ["stage1.pool", "stage3.pool"])

    def test_exits_spread_by_measured_times(self):
        self.build("vgg16-small-classic")
        insert = ["model", "insert-exits", "in.onnx", "-o", "out.onnx"]
        self.ok(*insert[:-1], "all.onnx")
        for split in ("train", "test"):
            for label in range(10):
                folder = self.dir / "pictures" / split / str(label)
                folder.mkdir(parents=True)
                for number in range(4):
                    value = 24 * label + number
                    (folder / f"{number}.ppm").write_bytes(b"P6 32 32 255\n" + bytes([value]) * (3 * 32 * 32))
        self.ok("profile", "all.onnx", "--data", "pictures", "--no-tune", "--budget", "50ms", "-o", "all.einet")
        spread = self.json(*insert, "--exits", "4", "--profile", "all.einet")
        self.assertEqual(self.json("model", "inspect", "out.onnx")["exits"], 4)
        shares = [exit["share_before"] for exit in spread["exits"]]
        self.assertEqual(shares, sorted(shares))
        self.assertGreater(shares[0], 0)
        self.assertLess(shares[-1], 1)
        self.fails(2, *insert, "--profile", "all.einet", says="--exits")
        self.fails(2, *insert, "--exits", "4", "--platform", "other", says="--profile")
        self.fails(2, *insert, "--exits", "4", "--profile", "all.einet", "--platform", "other", says="other")
        self.fails(1, *insert, "--exits", "4", "--profile", SHIPPED, says=["belong to another network", SHIPPED.name])

    def test_options_of_branches(self):
        self.build("vgg16-small-classic")
        small = self.json("model", "insert-exits", "in.onnx", "-o", "out.onnx", "--max-branch-share", "0.002")
        for exit in small["exits"]:
            self.assertLessEqual(exit["branch_macs"], 0.002 * small["macs"])
        self.ok("model", "insert-exits", "in.onnx", "-o", "out.onnx", "--exits", "2", "--branch-convs", "2", "--branch-fcs", "3")
        nodes = [n for n in onnx.load(str(self.dir / "out.onnx")).graph.node if n.name.startswith("exit1.")]
        self.assertEqual(sum(n.op_type == "Conv" for n in nodes), 2)
        self.assertEqual(sum(n.op_type == "Gemm" for n in nodes), 3)

    def test_errors(self):
        self.build("vgg16-small-classic")
        insert = ["model", "insert-exits", "in.onnx", "-o", "out.onnx"]
        self.fails(1, *insert, "--after", "stage2.poll", says=["in.onnx", "stage2.poll", "did you mean 'stage2.pool'"])
        self.fails(2, *insert, "--after", "head.fc1", says=["in.onnx", "head.fc1"])
        self.fails(2, *insert, "--exits", "40", says=["in.onnx", "40 exits"])
        self.fails(2, *insert, "--exits", "3", "--after", "stage2.pool", says="--after")
        self.fails(2, *insert, "--after", "stage1.conv1.relu,stage1.pool,stage2.pool", "--branch-channels", "2048",
                   "--branch-hidden", "4096", "--max-branch-share", "50", says=["in.onnx", "more than the network's own"])
        self.fails(2, "model", "insert-exits", "in.onnx", says="-o")
        self.fails(1, "model", "insert-exits", SHIPPED / "model.onnx", "-o", "out.onnx", says="20 exits already")
        self.fails(1, "model", "insert-exits", "none.onnx", "-o", "out.onnx", says="none.onnx")

    def test_networks_that_are_not_classifiers(self):
        node = onnx.helper.make_node
        norm = [node("ReduceL2", ["fc"], ["n"], name="norm", axes=[1]), node("Div", ["fc", "n"], ["y"], name="unit")]
        insert = ["model", "insert-exits", "net.onnx", "-o", "out.onnx", "--max-branch-share", "0.5"]
        for end, named, status, why in [
            (norm, "unit", 1, "divided by its L2 norm"),
            ([node("Tanh", ["fc"], ["y"], name="corners")], "corners", 2, "exits need a classifier"),
        ]:
            onnx.save(convolutional(end, ["y"]), str(self.dir / "net.onnx"))
            self.fails(status, *insert, says=["net.onnx", "'y'", named, why, "--head"])
            self.json(*insert, "--head", "logits")
            (self.dir / "out.onnx").unlink()
        onnx.save(convolutional([], ["fc", "c2"]), str(self.dir / "net.onnx"))
        self.fails(1, *insert, says=["2 outputs", "'fc' [1,6]", "'c2' [1,8,16,16]", "not a classifier"])
        onnx.save(convolutional([], ["c2"]), str(self.dir / "net.onnx"))
        self.fails(1, *insert, says=["'c2'", "[1,8,16,16]", "not a classifier"])
        onnx.save(convolutional([node("Softmax", ["fc"], ["y"], name="softmax")], ["y"]), str(self.dir / "net.onnx"))
        self.fails(2, *insert, "--head", "sigmoid", says=["--head", "softmax"])
        reply = self.ok(*insert)
        self.assertIn("for 6 classes", reply)
        self.assertNotIn("assumed", reply)

    def test_a_plain_vector_is_assumed_to_be_logits(self):
        onnx.save(convolutional([], ["fc"]), str(self.dir / "net.onnx"))
        insert = ["model", "insert-exits", "net.onnx", "-o", "out.onnx", "--max-branch-share", "0.5"]
        last = self.ok(*insert).splitlines()[-1]
        self.assertRegex(last, "^assumed: .* logits of 6 classes; .* --classes N")
        # Nothing is assumed if the kind or the classes are given.
        for options in [["--head", "logits"], ["--classes", "4"]]:
            self.assertNotIn("assumed", self.ok(*insert, *options))
        given = self.json(*insert, "--head", "logits")
        self.assertEqual((given["head"], given["head_assumed"]), ("logits", False))

    def test_exits_at_the_input(self):
        self.build("vgg16-small-classic")
        added = self.json("model", "insert-exits", "in.onnx", "-o", "out.onnx", "--exits", "5", "--input-exits", "2")
        self.assertEqual([e["node"] for e in added["exits"][:2]], ["input", "input"])
        self.assertEqual([e["exit"] for e in added["exits"]], [1, 2, 3, 4])
        seen = self.json("model", "inspect", "out.onnx")
        self.assertEqual([b["conv_macs"] for b in seen["blocks"][:2]], [0, 0])
        self.fails(2, "model", "insert-exits", "in.onnx", "-o", "x.onnx", "--input-exits", "9", says="--input-exits")

    def test_more_exits_next_to_existing_ones(self):
        self.ok("model", "build", "b-alexnet", "-o", "in.onnx")
        before = onnx.load(str(self.dir / "in.onnx"))
        added = self.json("model", "insert-exits", "in.onnx", "-o", "out.onnx", "--input-exits", "1", "--after", "conv3.relu")
        self.assertEqual([e["exit"] for e in added["exits"]], [1, 4])
        after = onnx.load(str(self.dir / "out.onnx"))
        onnx.checker.check_model(after, full_check=True)
        self.assertEqual([o.name for o in after.graph.output], [f"exit{i}" for i in range(1, 6)])
        weights = structure(after)[1]
        for weight, content in structure(before)[1].items():
            self.assertEqual(weights[weight], content)
        candidates = self.json("model", "insert-exits", "in.onnx", "-o", "out.onnx", "--candidates")
        self.assertGreater(len(candidates["exits"]), len({e["value"] for e in candidates["exits"]}))

    def test_other_classes(self):
        self.build("vgg16-small-classic")
        added = self.json("model", "insert-exits", "in.onnx", "-o", "out.onnx", "--exits", "3", "--classes", "5")
        self.assertEqual(added["classes"], 5)
        for output in onnx.load(str(self.dir / "out.onnx")).graph.output:
            self.assertEqual(output.type.tensor_type.shape.dim[1].dim_value, 5)

    def test_open_height_and_width(self):
        onnx.save(convolutional([], ["fc"], size=("H", "W")), str(self.dir / "net.onnx"))
        insert = ["model", "insert-exits", "net.onnx", "-o", "out.onnx", "--max-branch-share", "0.5"]
        self.fails(1, *insert, says=["net.onnx", "--shape"])
        self.assertEqual(self.json(*insert, "--shape", "3x12x10")["exits"][0]["map"], [8, 12, 10])
        self.assertEqual(self.json("model", "insert-exits", "net.onnx", "--shape", "3x12x10", "--dry-run",
                                   "--max-branch-share", "0.5", "--branch-convs", "0")["exits"][0]["branch_convolutions"], 0)

    def test_a_network_without_convolutions(self):
        helper, proto = onnx.helper, onnx.TensorProto
        weight = helper.make_tensor("w", proto.FLOAT, [16, 3], [0.5] * 48)
        nodes = [helper.make_node("Flatten", ["x"], ["f"], name="f"), helper.make_node("Gemm", ["f", "w"], ["y"], name="g")]
        graph = helper.make_graph(nodes, "mlp", [helper.make_tensor_value_info("x", proto.FLOAT, ["N", 1, 4, 4])],
                                  [helper.make_tensor_value_info("y", proto.FLOAT, ["N", 3])], [weight])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(self.dir / "mlp.onnx"))
        self.fails(1, "model", "insert-exits", "mlp.onnx", "-o", "out.onnx", says=["mlp.onnx", "no convolution"])


if __name__ == "__main__":
    unittest.main()
