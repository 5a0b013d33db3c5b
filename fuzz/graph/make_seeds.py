#!/usr/bin/python3
"""Writes the seeds of fuzz_onnx: small variants of torchvision's networks, exported by torch.onnx.export with several
opsets, with and without its constant folding. Needs Debian's python3-torch; the seeds are in the repository.

    fuzz/graph/make_seeds.py fuzz/graph/corpus/onnx
"""
import pathlib
import sys

import onnx
from onnx import TensorProto, helper
import torch
from torch import nn
from torch.nn import functional as F


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 2, 3, 2, 1, bias=False), nn.Conv2d(2, 2, 3, 1, 1, bias=False)
        self.bn1, self.bn2, self.fc = nn.BatchNorm2d(2), nn.BatchNorm2d(2), nn.Linear(2, 3)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)) + x)
        x = F.adaptive_avg_pool2d(F.max_pool2d(x, 2, ceil_mode=True), 1)
        return self.fc(torch.flatten(x, 1))


class Shuffle(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1, groups=2)

    def forward(self, x):
        a, b = x.chunk(2, dim=1)
        x = torch.cat((a, F.hardswish(self.conv(b))), dim=1)
        n, c, h, w = x.size()
        x = torch.transpose(x.view(n, 2, c // 2, h, w), 1, 2).contiguous().view(n, c, h, w)
        return x.mean([2, 3])


class Excitation(nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.up, self.prelu = nn.Conv2d(2, 1, 1), nn.Conv2d(1, 2, 1), nn.PReLU(1)

    def forward(self, x):
        scale = torch.sigmoid(self.up(self.prelu(self.down(F.adaptive_avg_pool2d(x, 1))).repeat(1, 1, 1, 1)))
        x = F.leaky_relu(x * scale)
        return F.softmax(F.avg_pool2d(x, 2, count_include_pad=False).view(x.size(0), -1), dim=1)


class Pieces(nn.Module):
    def forward(self, x):
        x = F.pad(x, (1, 1, 1, 1))[:, :, 1:, ::2]
        x = F.interpolate(F.elu(x.clamp(-1, 6)), scale_factor=2.0, mode="nearest")
        x = x.unsqueeze(1).squeeze(1) / 2.0 - torch.tanh(x)
        return torch.matmul(x.mean(3), torch.ones(18, 2)).flatten(1)


class Attention(nn.Module):
    """A class token, the attention of torch.nn, then a shifted window and an Einsum."""
    def __init__(self):
        super().__init__()
        self.conv, self.token = nn.Conv2d(1, 4, 2, 2), nn.Parameter(torch.randn(1, 1, 4))
        self.norm, self.attention, self.fc = nn.LayerNorm(4), nn.MultiheadAttention(4, 2, batch_first=True), nn.Linear(4, 3)

    def forward(self, x):
        x = self.conv(x)
        n, c, h, w = x.shape
        x = torch.roll(x, (-1, -1), (2, 3)).reshape(n, c, h * w).permute(0, 2, 1)
        x = torch.cat([self.token.expand(n, -1, -1), x], dim=1)
        y = self.norm(x)
        x = F.gelu(x + self.attention(y, y, y, need_weights=False)[0])
        x = torch.einsum("b i j, b k j -> b i k", torch.einsum("b i j, b k j -> b i k", x, x).softmax(-1), x.transpose(1, 2)).repeat(1, 1, 2)
        return self.fc(x[:, 0, ::2])


class Exits(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.one, self.two = nn.Conv2d(1, 2, 3), nn.Linear(2, 2), nn.Linear(2, 2)

    def forward(self, x):
        x = self.conv(x)
        early = self.one(x.mean([2, 3]))
        return early, self.two(F.relu(x).mean([2, 3]))


class Upsampling(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose2d(1, 4, 3, 2, 1, output_padding=1)

    def forward(self, x):
        x = F.pixel_shuffle(self.up(x), 2)
        x = F.interpolate(x, scale_factor=0.7, mode="bilinear") + F.interpolate(x, size=(8, 8), mode="bicubic").mean()
        return (x * ((x > 0) | ~(x < 1)).to(x.dtype) + torch.floor(x)).flatten(1)


class Choice(nn.Module):
    """Masked attention, and Where nodes that broadcast each of their three values."""
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, padding=1)
        self.row, self.plane = nn.Parameter(torch.randn(4, 1, 1)), nn.Parameter(torch.randn(6, 6))

    def forward(self, x):
        x = self.conv(x)
        x = torch.where(x > 0.2, x, self.row)
        x = torch.where(x.mean((2, 3), keepdim=True) > 0, x, self.plane)
        x = torch.where(self.plane > 0, torch.zeros(()), x)
        tokens = x.flatten(2).transpose(1, 2)
        scores = tokens @ tokens.transpose(1, 2)
        scores = scores.masked_fill(scores < scores.mean(-1, keepdim=True), float("-inf")).softmax(-1)
        return (scores @ tokens).mean(1)


def tensor(name, values, kind, shape):
    return helper.make_tensor(name, kind, shape, values)


def save(path, nodes, tensors, opset, shape, kind=TensorProto.FLOAT, functions=()):
    graph = helper.make_graph(nodes, "seed", [helper.make_tensor_value_info("x", kind, ["N", *shape])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], tensors)
    imports = [helper.make_opsetid("", opset)] + [helper.make_opsetid("local", 1)] * bool(functions)
    onnx.save(helper.make_model(graph, opset_imports=imports, functions=list(functions)), str(path))


def quantised(folder):
    one = [tensor("s", [0.1], TensorProto.FLOAT, []), tensor("z", [3], TensorProto.UINT8, [])]
    weights = [tensor("w", [1, -2, 3, 4], TensorProto.INT8, [2, 2, 1, 1]),
               tensor("ws", [0.1, 0.2], TensorProto.FLOAT, [2]), tensor("wz", [0, 1], TensorProto.INT8, [2])]
    q, d = helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]), helper.make_node
    save(folder / "qdq-13.onnx", [q, d("DequantizeLinear", ["q", "s", "z"], ["f"]),
                                  d("DequantizeLinear", ["w", "ws", "wz"], ["v"], axis=0), d("Conv", ["f", "v"], ["c"]),
                                  d("Flatten", ["c"], ["y"])], one + weights, 13, [2, 2, 2])
    save(folder / "qlinear-13.onnx", [q, d("QLinearConv", ["q", "s", "z", "w", "ws", "wz", "s", "z"], ["c"]),
                                      d("DequantizeLinear", ["c", "s", "z"], ["f"]), d("Flatten", ["f"], ["y"])],
         one + weights, 13, [2, 2, 2])
    matrix = [tensor("m", [1, 2, 3, 4], TensorProto.INT8, [2, 2])]
    save(folder / "dynamic-13.onnx", [d("DynamicQuantizeLinear", ["x"], ["q", "qs", "qz"]),
                                      d("MatMulInteger", ["q", "m", "qz"], ["i"]),
                                      d("Cast", ["i"], ["f"], to=TensorProto.FLOAT), d("Mul", ["f", "qs"], ["y"])],
         matrix, 13, [2])


def structured(folder):
    d, none = helper.make_node, [helper.make_tensor_value_info("r", TensorProto.FLOAT, None)]
    branches = {f"{name}_branch": helper.make_graph([d(op, ["x"], ["r"])], name, [], none)
                for name, op in (("then", "Relu"), ("else", "Abs"))}
    save(folder / "if-13.onnx", [d("Size", ["x"], ["n"]), d("Equal", ["n", "k"], ["c"]), d("If", ["c"], ["y"], **branches)],
         [tensor("k", [4], TensorProto.INT64, [])], 13, [2])
    body = [d("Mul", ["a", "a"], ["m"]), d("LeakyRelu", ["m"], ["b"])]
    body[1].attribute.add(name="alpha", type=onnx.AttributeProto.FLOAT, ref_attr_name="by")
    function = helper.make_function("local", "F", ["a"], ["b"], body, [helper.make_opsetid("", 15)], ["by"])
    save(folder / "function-15.onnx", [d("F", ["x"], ["z"], domain="local", by=0.5), d("F", ["z"], ["y"], domain="local", by=0.1)],
         [], 15, [2], functions=[function])
    save(folder / "bytes-13.onnx", [d("Cast", ["x"], ["f"], to=TensorProto.FLOAT),
                                    d("Transpose", ["f"], ["t"], perm=[0, 3, 1, 2]), d("Cast", ["t"], ["i"], to=TensorProto.INT32),
                                    d("Cast", ["i"], ["g"], to=TensorProto.FLOAT), d("Flatten", ["g"], ["y"])],
         [], 13, [4, 4, 3], TensorProto.UINT8)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    quantised(folder)
    structured(folder)
    for name, model, shape, opsets in [("residual", Residual(), (1, 1, 8, 8), (9, 13)),
                                       ("shuffle", Shuffle(), (1, 4, 4, 4), (14, 16)),
                                       ("excitation", Excitation(), (1, 2, 4, 4), (11, 13)),
                                       ("pieces", Pieces(), (1, 2, 8, 8), (11, 13)),
                                       ("upsampling", Upsampling(), (1, 1, 4, 4), (11, 13)),
                                       ("attention", Attention(), (1, 1, 4, 4), (13, 17)),
                                       ("where", Choice(), (1, 2, 6, 6), (13,)),
                                       ("exits", Exits(), (1, 1, 6, 6), (13,))]:
        torch.manual_seed(1)
        model.eval()
        for opset in opsets:
            for fold in (True, False):
                torch.onnx.export(model, torch.randn(shape), str(folder / f"{name}-{opset}{'' if fold else '-raw'}.onnx"),
                                  opset_version=opset, do_constant_folding=fold, input_names=["x"],
                                  dynamic_axes={"x": {0: "N"}})


if __name__ == "__main__":
    main()
