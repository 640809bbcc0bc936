"""Networks of every kind of layer in PyTorch: answers, gradients, and the weights after some steps.

    pip install torch numpy
    python3 networks.py > networks.json

Weights stand in suho's layout and are the leaves that PyTorch differentiates by; its own modules compute.
Made with torch 2.15.0, numpy 2.4.6, on the CPU, in double precision, so that what differs is suho's f32.
"""

import json
import math
import sys

import torch
from torch import nn
from torch.func import functional_call

SEQUENCE, INPUTS, WINDOWS, CLASSES, STEPS = 6, 4, 6, 3, 5
WEIGHTS = [1.0, 2.0, 0.5]
torch.set_default_dtype(torch.float64)


def lstm(units):
    def shape(width):
        return [[width, 4 * units], [units, 4 * units], [4 * units]], units

    def run(x, w):
        module = nn.LSTM(x.shape[-1], units)
        zero = torch.zeros(4 * units)
        named = {"weight_ih_l0": w[0].T, "weight_hh_l0": w[1].T, "bias_ih_l0": w[2], "bias_hh_l0": zero}
        return functional_call(module, named, (x,))[0]

    return {"lstm": {"units": units}}, shape, run


def gru(units):
    def shape(width):
        return [[width, 3 * units], [units, 3 * units], [4 * units]], units

    def run(x, w):
        module = nn.GRU(x.shape[-1], units)
        recurrent = torch.cat([torch.zeros(2 * units), w[2][3 * units :]])
        named = {
            "weight_ih_l0": w[0].T,
            "weight_hh_l0": w[1].T,
            "bias_ih_l0": w[2][: 3 * units],
            "bias_hh_l0": recurrent,
        }
        return functional_call(module, named, (x,))[0]

    return {"gru": {"units": units}}, shape, run


def conv(filters, kernel, dilation, activation, residual):
    def shape(width):
        return [[kernel * width, filters], [filters]], filters

    def run(x, w):
        weight = w[0].reshape(kernel, x.shape[-1], filters).permute(2, 1, 0)
        padded = nn.functional.pad(x.permute(1, 2, 0), ((kernel - 1) * dilation, 0))
        made = nn.functional.conv1d(padded, weight, w[1], dilation=dilation).permute(2, 0, 1)
        made = torch.tanh(made) if activation == "tanh" else made
        return made + x if residual else made

    named = {"filters": filters, "kernel": kernel, "dilation": dilation}
    return {"conv1d": named | {"activation": activation, "residual": residual}}, shape, run


def positions():
    def run(x, _):
        steps, _, width = x.shape
        places = torch.zeros(steps, 1, width)
        for step in range(steps):
            for at in range(width):
                angle = step / 10_000 ** ((at - at % 2) / width)
                places[step, 0, at] = math.cos(angle) if at % 2 else math.sin(angle)
        return x + places

    return {"positions": {}}, lambda width: ([], width), run


def attention(heads):
    def shape(width):
        return [[width, 3 * width], [3 * width], [width, width], [width]], width

    def run(x, w):
        module = nn.MultiheadAttention(x.shape[-1], heads)
        named = {
            "in_proj_weight": w[0].T,
            "in_proj_bias": w[1],
            "out_proj.weight": w[2].T,
            "out_proj.bias": w[3],
        }
        return x + functional_call(module, named, (x, x, x))[0]

    return {"attention": {"heads": heads}}, shape, run


def transformer(heads, feed_forward):
    def shape(width):
        attended = [[width], [width], [width, 3 * width], [3 * width], [width, width], [width]]
        fed = [[width], [width], [width, feed_forward], [feed_forward], [feed_forward, width], [width]]
        return attended + fed, width

    def run(x, w):
        module = nn.TransformerEncoderLayer(x.shape[-1], heads, feed_forward, 0.0, norm_first=True)
        named = {
            "norm1.weight": w[0],
            "norm1.bias": w[1],
            "self_attn.in_proj_weight": w[2].T,
            "self_attn.in_proj_bias": w[3],
            "self_attn.out_proj.weight": w[4].T,
            "self_attn.out_proj.bias": w[5],
            "norm2.weight": w[6],
            "norm2.bias": w[7],
            "linear1.weight": w[8].T,
            "linear1.bias": w[9],
            "linear2.weight": w[10].T,
            "linear2.bias": w[11],
        }
        return functional_call(module, named, (x,))

    return {"transformer": {"heads": heads, "feed_forward": feed_forward}}, shape, run


def layer_norm():
    def run(x, w):
        return nn.functional.layer_norm(x, x.shape[-1:], w[0], w[1])

    return {"layer_norm": {}}, lambda width: ([[width], [width]], width), run


def dense(units):
    def run(x, w):
        return torch.tanh(x[-1:] @ w[0] + w[1])

    named = {"dense": {"units": units, "activation": "tanh"}}
    return named, lambda width: ([[width, units], [units]], units), run


def output():
    def run(x, w):
        return x[-1] @ w[0] + w[1]

    named = {"output": {"units": CLASSES, "activation": "softmax"}}
    return named, lambda width: ([[width, CLASSES], [CLASSES]], CLASSES), run


NETWORKS = {
    "lstm": [lstm(4), lstm(3)],
    "gru": [gru(4), gru(3)],
    "conv1d": [conv(4, 3, 1, "tanh", False), conv(4, 2, 2, "tanh", True), conv(3, 1, 1, "linear", False)],
    "attention": [positions(), attention(2)],
    "transformer": [conv(4, 1, 1, "linear", False), positions(), transformer(2, 5)],
    "layer_norm": [layer_norm(), gru(3), layer_norm()],
    "dense": [dense(4)],
}


def rounded(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


def case(name, layers, generator):
    layers = layers + [output()]
    width, weights, taken = INPUTS, [], []
    for _, shape, _ in layers:
        shapes, width = shape(width)
        for dims in shapes:
            draw = torch.rand(dims, generator=generator) - 0.5
            # As f32 holds them: what is read back is what was computed with.
            weights.append(draw.float().double().requires_grad_())
        taken.append(len(shapes))
    windows = (torch.rand(SEQUENCE, WINDOWS, INPUTS, generator=generator) * 2 - 1).float().double()
    labels = torch.arange(WINDOWS) % CLASSES
    before = [weight.detach().clone() for weight in weights]
    is_weighted = name == "lstm"
    if is_weighted:
        entropy = nn.CrossEntropyLoss(weight=torch.tensor(WEIGHTS))
    else:
        entropy = nn.CrossEntropyLoss(label_smoothing=0.1)

    def forward():
        x, used = windows, 0
        for (_, _, run), count in zip(layers, taken):
            x = run(x, weights[used : used + count])
            used += count
        return x

    groups = [
        {"params": [w for w in weights if w.dim() == 2], "weight_decay": 0.1},
        {"params": [w for w in weights if w.dim() == 1], "weight_decay": 0.0},
    ]
    adam = torch.optim.AdamW(groups, lr=0.01, betas=(0.9, 0.999), eps=1e-8)
    first = None
    for _ in range(STEPS):
        adam.zero_grad()
        logits = forward()
        loss = entropy(logits, labels)
        loss.backward()
        if first is None:
            first = logits, loss, [weight.grad.clone() for weight in weights]
        torch.nn.utils.clip_grad_norm_(weights, 0.25)
        adam.step()
    logits, loss, gradients = first
    return {
        "name": name,
        "layers": [written for written, _, _ in layers],
        "class_weights": WEIGHTS if is_weighted else None,
        "label_smoothing": 0.0 if is_weighted else 0.1,
        "weights": [rounded(weight) for weight in before],
        "windows": rounded(windows),
        "labels": labels.tolist(),
        "logits": rounded(logits),
        "loss": float(loss.detach()),
        "gradients": [rounded(gradient) for gradient in gradients],
        "after": [rounded(weight) for weight in weights],
    }


def main():
    generator = torch.Generator().manual_seed(1)
    cases = [case(name, layers, generator) for name, layers in NETWORKS.items()]
    header = {"torch": torch.__version__.split("+")[0], "sequence": SEQUENCE, "inputs": INPUTS, "steps": STEPS}
    json.dump(header | {"cases": cases}, sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")


main()
