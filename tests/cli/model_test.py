"""einet model: the zoo, ONNX files, inspection; and invalid files."""
import unittest

import onnx
from onnx import TensorProto, helper

from harness import SHIPPED, CommandTest


def small_classifier(op="Relu", **kwargs):
    """x[N,1,4,4] -> Flatten -> `op` -> y."""
    nodes = [helper.make_node("Flatten", ["x"], ["flat"], name="flatten_1"),
             helper.make_node(op, ["flat"], ["y"], name="odd_one", **kwargs)]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 1, 4, 4])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 16])])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])


class ModelTest(CommandTest):
    def test_list_shows_the_zoo_and_its_costs(self):
        networks = {n["name"]: n for n in self.json("model", "list", "--classes", "100")}
        for name, exits in [("b-alexnet", 3), ("flexvgg16", 5), ("vgg16", 14), ("resnet50", 6), ("msdnet21", 21), ("msdnet40", 40)]:
            self.assertEqual(networks[name]["exits"], exits)
            self.assertEqual(networks[name + "-classic"]["exits"], 1)
            self.assertEqual(networks[name + "-classic"]["branch_share"], 0)
            self.assertLess(networks[name + "-compressed"]["macs_to_last_exit"], networks[name + "-classic"]["macs_to_last_exit"])
        stock = networks["msdnet21-stock"]
        self.assertAlmostEqual(stock["macs_of_whole_layers_to_first_exit"] / 15e6, 1, delta=0.02)
        self.assertAlmostEqual(stock["macs_to_last_exit"] / 367e6, 1, delta=0.02)
        self.assertAlmostEqual(stock["parameters"] / 14.8e6, 1, delta=0.02)

    def test_list_shows_the_settings(self):
        (network,) = self.json("model", "list", "msdnet40")
        settings = {p["name"]: p["default"] for p in network["settings"]}
        self.assertEqual((settings["blocks"], settings["branch_convs"], settings["branch_fcs"]), ("40", "1", "2"))
        self.assertIn("--set blocks=40", self.ok("model", "list", "msdnet40"))
        self.assertIn("605,886", self.ok("model", "list"))
        self.fails(2, "model", "list", "msdnet400", says="msdnet40")

    def test_the_official_checker_accepts_built_networks(self):
        for name in ["msdnet21", "b-alexnet", "vgg16-small", "resnet50-small"]:
            built = self.json("model", "build", name, "-o", "net.onnx")
            onnx.checker.check_model(onnx.load(str(self.dir / "net.onnx")), full_check=True)
            seen = self.json("model", "inspect", "net.onnx")
            self.assertEqual(built["macs"], seen["macs"])
            self.assertEqual(built["exits"], len(seen["blocks"]))

    def test_b_alexnet_has_the_published_size(self):
        self.assertEqual(self.json("model", "build", "b-alexnet", "-o", "net.onnx")["parameters"], 605886)

    def test_same_seed_same_file(self):
        for out, seed in [("a.onnx", 1), ("b.onnx", 1), ("c.onnx", 2)]:
            self.ok("model", "build", "b-alexnet", "-o", out, "--seed", seed)
        a, b, c = ((self.dir / f).read_bytes() for f in ["a.onnx", "b.onnx", "c.onnx"])
        self.assertEqual(a, b)
        self.assertNotEqual(a, c)

    def test_macs_add_up(self):
        d = self.json("model", "build", "msdnet", "--set", "blocks=5", "--input", "1x28x28", "-o", "net.onnx")
        self.assertEqual(d["exits"], 5)
        self.assertEqual(d["macs"], sum(b["conv_macs"] + b["branch_macs"] for b in d["blocks"]))
        depth = [b["macs_to_exit"] - b["branch_macs"] for b in d["blocks"]]
        self.assertEqual(depth, sorted(depth))

    def test_the_shipped_network(self):
        d = self.json("model", "inspect", SHIPPED / "model.onnx")
        self.assertGreaterEqual(d["exits"], 10)
        onnx.checker.check_model(onnx.load(str(SHIPPED / "model.onnx")), full_check=True)

    def test_wrong_names(self):
        self.fails(2, "model", "build", "msdnt", "-o", "x.onnx", says=["msdnt", "msdnet"])
        self.fails(2, "model", "build", "msdnet", "--set", "block=3", "-o", "x.onnx", says=["block", "blocks"])
        self.fails(2, "model", "build", "msdnet", "--set", "blocks=-3", "-o", "x.onnx", says="blocks")
        self.fails(2, "model", "build", "msdnet", "--input", "28", "-o", "x.onnx", says="28")
        self.fails(2, "model", "bild", "msdnet")
        self.fails(2, says="command")

    def test_files_that_are_not_models(self):
        self.fails(1, "model", "inspect", "none.onnx", says="none.onnx")
        (self.dir / "text.onnx").write_text("this is not protobuf\n")
        self.fails(1, "model", "inspect", "text.onnx", says="text.onnx")
        (self.dir / "empty.onnx").write_bytes(b"")
        self.fails(1, "model", "inspect", "empty.onnx", says="empty.onnx")
        whole = (SHIPPED / "model.onnx").read_bytes()
        (self.dir / "cut.onnx").write_bytes(whole[: len(whole) * 2 // 3])
        self.fails(1, "model", "inspect", "cut.onnx", says="cut.onnx")

    def test_unsupported_operator_is_named_with_its_node(self):
        onnx.save(small_classifier("Det"), str(self.dir / "det.onnx"))
        self.fails(1, "model", "inspect", "det.onnx", says=["det.onnx", "Det", "odd_one"])

    def test_output_that_cannot_be_written(self):
        self.fails(1, "model", "build", "b-alexnet", "-o", "no/such/folder/x.onnx", says="no/such/folder")

    def test_help_everywhere(self):
        for command in [[], ["data", "get"], ["model"], ["model", "build"], ["model", "inspect"], ["profile"], ["plan"],
                        ["run"], ["eval"], ["demo"], ["bench", "planner"]]:
            self.assertIn("--help", self.ok(*command, "--help"))


if __name__ == "__main__":
    unittest.main()
