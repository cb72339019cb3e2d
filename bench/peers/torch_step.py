"""Times training steps of one network in PyTorch, one thread: eager, eager channels_last, torch.compile.

The first line of standard input names the network as Lutra's own document, so that both sides train the same graph:
{"network": ..., "batch": 64, "variants": [...]}. Each variant is built and warmed up, and says so by one line:
{"variant", "warmupS", "version"}. Then every line {"variant", "steps"} is a turn, answered by {"variant", "durationsMs"}:
who asks decides whose turn it is, and can take turns with other engines.
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

WARMUP_STEPS = 20


class Graph(nn.Module):
    """A network document as a PyTorch module. Maps are NCHW; `same` padding follows TensorFlow."""

    def __init__(self, document):
        super().__init__()
        self.nodes = document["nodes"]
        self.layers = nn.ModuleDict()
        channels = {}
        self.pads = {}
        sizes = {}
        for node in self.nodes:
            key, op = node["id"].replace("/", "_").replace(".", "_"), node["op"]
            source = node["inputs"][0] if node["inputs"] else None
            if op == "input":
                sizes[node["id"]], channels[node["id"]] = node["shape"][0], node["shape"][2]
                continue
            size, width = sizes[source], channels[source]
            if op == "conv2d":
                kernel, stride = node["kernel"][0], node["stride"][0]
                out = -(-size // stride)
                total = max(0, (out - 1) * stride + kernel - size)
                # Equal padding on both sides is the convolution's own affair; only a stride that leaves one pixel more
                # on one side needs a padded copy.
                symmetric = total % 2 == 0
                self.pads[node["id"]] = None if symmetric else (total // 2, total - total // 2) * 2
                self.layers[key] = nn.Conv2d(
                    width,
                    node["filters"],
                    kernel,
                    stride,
                    padding=total // 2 if symmetric else 0,
                    groups=node["groups"],
                    bias=node["bias"],
                )
                size, width = out, node["filters"]
            elif op == "batchNorm":
                self.layers[key] = nn.BatchNorm2d(width, eps=node["epsilon"], momentum=0.1)
            elif op == "dense":
                self.layers[key] = nn.Linear(width, node["units"], bias=node["bias"])
                width = node["units"]
            elif op == "globalAvgPool":
                size = 1
            sizes[node["id"]], channels[node["id"]] = size, width

    def forward(self, images):
        values = {}
        for node in self.nodes:
            key, op = node["id"].replace("/", "_").replace(".", "_"), node["op"]
            inputs = [values[name] for name in node["inputs"]]
            if op == "input":
                value = images
            elif op == "conv2d":
                pads = self.pads[node["id"]]
                value = self.layers[key](inputs[0] if pads is None else F.pad(inputs[0], pads))
            elif op == "batchNorm":
                value = self.layers[key](inputs[0])
            elif op == "dense":
                value = self.layers[key](inputs[0].flatten(1))
            elif op == "globalAvgPool":
                value = inputs[0].mean((2, 3), keepdim=True)
            elif op == "activation":
                value = {"relu": F.relu, "hswish": F.hardswish, "hsigmoid": F.hardsigmoid}[node["activation"]](inputs[0])
            elif op == "add":
                value = inputs[0] + inputs[1]
            elif op == "mul":
                value = inputs[0] * inputs[1]
            else:
                raise ValueError(f"no PyTorch layer for {op}")
            values[node["id"]] = value
        return value


class Variant:
    """One way to run the step: a model, its optimizer and one batch."""

    def __init__(self, name, document, batch):
        size, _, channels = document["nodes"][0]["shape"]
        layout = torch.contiguous_format if name == "eager" else torch.channels_last
        self.model = Graph(document).train().to(memory_format=layout)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9)
        self.images = torch.randn(batch, channels, size, size).to(memory_format=layout)
        self.labels = torch.randint(0, 10, (batch,))
        self.runnable = torch.compile(self.model) if name == "compile" else self.model

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(self.runnable(self.images), self.labels)
        loss.backward()
        self.optimizer.step()

    def time_steps(self, count):
        durations = []
        for _ in range(count):
            start = time.perf_counter()
            self.step()
            durations.append((time.perf_counter() - start) * 1e3)
        return durations


def answer(line):
    print(json.dumps(line), flush=True)


def main():
    torch.set_num_threads(1)
    request = json.loads(sys.stdin.readline())
    variants = {}
    for name in request["variants"]:
        start = time.perf_counter()
        variants[name] = Variant(name, request["network"], request["batch"])
        variants[name].time_steps(WARMUP_STEPS)
        answer({"variant": name, "warmupS": round(time.perf_counter() - start, 1), "version": torch.__version__})
    for line in sys.stdin:
        turn = json.loads(line)
        answer({"variant": turn["variant"], "durationsMs": variants[turn["variant"]].time_steps(turn["steps"])})


main()
