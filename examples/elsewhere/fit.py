"""Fits a multinomial logistic regression of the last bar's features and writes it as ONNX.

Plain Python, so that the example runs anywhere. A real one would `import torch`, train whatever it likes on
the same table, and end with `torch.onnx.export(model, windows, "model.onnx", dynamo=False)`: raw windows
`[batch, sequence, feature]` in, probabilities `[batch, class]` out.
"""

import csv
import json
import math
import struct
import sys

EPOCHS, RATE = 60, 0.5


def main(table, sequence, folder):
    with open(table, newline="") as file:
        lines = csv.reader(file)
        names = next(lines)[3:]
        rows = [(part, label, values) for _, part, label, *values in lines]
    train = [([float(v) for v in values], int(label)) for part, label, values in rows if part == "train"]
    mean = [sum(x[i] for x, _ in train) / len(train) for i in range(len(names))]
    scale = [math.sqrt(sum((x[i] - mean[i]) ** 2 for x, _ in train) / len(train)) or 1.0 for i in range(len(names))]
    scaled = [([(v - m) / s for v, m, s in zip(x, mean, scale)], label) for x, label in train]
    weights, bias = descend(scaled, len(names))
    with open(f"{folder}/model.onnx", "wb") as file:
        file.write(onnx(sequence, mean, scale, weights, bias))
    with open(f"{folder}/signature.json", "w") as file:
        json.dump({"features": names, "classes": ["down", "flat", "up"], "sequence": sequence}, file)
    print(f"fitted on {len(train)} rows of {len(names)} features")


def descend(rows, width):
    weights, bias = [[0.0] * 3 for _ in range(width)], [0.0] * 3
    for _ in range(EPOCHS):
        of_weights, of_bias = [[0.0] * 3 for _ in range(width)], [0.0] * 3
        for x, label in rows:
            logits = [bias[c] + sum(x[i] * weights[i][c] for i in range(width)) for c in range(3)]
            top = max(logits)
            shares = [math.exp(logit - top) for logit in logits]
            total = sum(shares)
            for c in range(3):
                off = shares[c] / total - (c == label)
                of_bias[c] += off
                for i in range(width):
                    of_weights[i][c] += off * x[i]
        for c in range(3):
            bias[c] -= RATE * of_bias[c] / len(rows)
            for i in range(width):
                weights[i][c] -= RATE * of_weights[i][c] / len(rows)
    return weights, bias


# The few messages of ONNX that this takes, by their field numbers in onnx.proto.


def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def number(field, value):
    return varint(field << 3) + varint(value & (1 << 64) - 1)


def text(field, value):
    value = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(value)) + value


def tensor(name, dims, values, kind="f", data_type=1):
    raw = struct.pack(f"<{len(values)}{kind}", *values)
    return b"".join(number(1, dim) for dim in dims) + number(2, data_type) + text(8, name) + text(9, raw)


def node(op, inputs, output, *attributes):
    names = b"".join(text(1, name) for name in inputs)
    return names + text(2, output) + text(4, op) + b"".join(text(5, each) for each in attributes)


def integer(name, value):
    return text(1, name) + number(3, value) + number(20, 2)


def border(name, dims):
    extents = b"".join(text(1, number(1, dim) if isinstance(dim, int) else text(2, dim)) for dim in dims)
    return text(1, name) + text(2, text(1, number(1, 1) + text(2, extents)))


def onnx(sequence, mean, scale, weights, bias):
    flat = [value for row in weights for value in row]
    graph = [
        text(1, node("Gather", ["windows", "last"], "bar", integer("axis", 1))),
        text(1, node("Sub", ["bar", "mean"], "centred")),
        text(1, node("Div", ["centred", "scale"], "scaled")),
        text(1, node("Gemm", ["scaled", "weights", "bias"], "logits")),
        text(1, node("Softmax", ["logits"], "probabilities", integer("axis", -1))),
        text(2, "linear"),
        text(5, tensor("last", [], [sequence - 1], "q", 7)),
        text(5, tensor("mean", [len(mean)], mean)),
        text(5, tensor("scale", [len(scale)], scale)),
        text(5, tensor("weights", [len(mean), 3], flat)),
        text(5, tensor("bias", [3], bias)),
        text(11, border("windows", ["batch", sequence, len(mean)])),
        text(12, border("probabilities", ["batch", 3])),
    ]
    return number(1, 8) + text(2, "fit.py") + text(7, b"".join(graph)) + text(8, text(1, "") + number(2, 17))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
