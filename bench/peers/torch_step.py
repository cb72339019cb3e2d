"""Times one training step of mobilenet-v3-tiny in PyTorch, one thread: eager channels_last and torch.compile.

Reads the network as Lutra's own document on standard input ({"network": ..., "batch": 64, "steps": 40}), so that both
sides train the same graph; prints one JSON line per variant: {"variant", "medianMs", "minMs", "compileS"}.
"""

import json
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


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
                self.pads[node["id"]] = (total // 2, total - total // 2) * 2
                self.layers[key] = nn.Conv2d(width, node["filters"], kernel, stride, groups=node["groups"], bias=node["bias"])
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
                value = self.layers[key](F.pad(inputs[0], pads) if any(pads) else inputs[0])
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


def time_steps(model, batch, channels, size, steps, channels_last):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    images = torch.randn(batch, channels, size, size)
    if channels_last:
        images = images.to(memory_format=torch.channels_last)
    labels = torch.randint(0, 10, (batch,))
    durations = []
    for _ in range(steps):
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        durations.append((time.perf_counter() - start) * 1e3)
    return durations[5:]


def main():
    request = json.load(sys.stdin)
    torch.set_num_threads(1)
    document, batch, steps = request["network"], request["batch"], request["steps"]
    size, _, channels = document["nodes"][0]["shape"]
    for variant in request["variants"]:
        model = Graph(document).train()
        if variant != "eager":
            model = model.to(memory_format=torch.channels_last)
        runnable = torch.compile(model) if variant == "compile" else model
        start = time.perf_counter()
        time_steps(runnable, batch, channels, size, 6, variant != "eager")
        warm = time.perf_counter() - start
        durations = time_steps(runnable, batch, channels, size, steps, variant != "eager")
        print(json.dumps({
            "variant": variant,
            "medianMs": statistics.median(durations),
            "minMs": min(durations),
            "warmupS": round(warm, 1),
            "torch": torch.__version__,
        }), flush=True)


main()
