#!/usr/bin/python3
"""Writes the seeds of fuzz_onnx: small relatives of torchvision's networks as torch.onnx.export writes them, at several
opsets, with and without the exporter's own folding. Needs Debian's python3-torch; the seeds are in the repository.

    fuzz/graph/make_seeds.py fuzz/graph/corpus/onnx
"""
import pathlib
import sys

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


class Exits(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.one, self.two = nn.Conv2d(1, 2, 3), nn.Linear(2, 2), nn.Linear(2, 2)

    def forward(self, x):
        x = self.conv(x)
        early = self.one(x.mean([2, 3]))
        return early, self.two(F.relu(x).mean([2, 3]))


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, model, shape, opsets in [("residual", Residual(), (1, 1, 8, 8), (9, 13)),
                                       ("shuffle", Shuffle(), (1, 4, 4, 4), (14, 16)),
                                       ("excitation", Excitation(), (1, 2, 4, 4), (11, 13)),
                                       ("pieces", Pieces(), (1, 2, 8, 8), (11, 13)),
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
