"""Networks of PyTorch as ONNX files, and what ONNX Runtime answers to three windows of each.

torch 2.15, onnx 1.23, onnxruntime 1.32: `python generate.py` in this folder.
"""

import json

import onnxruntime
import torch
from torch import nn

HEADS = {"mlp": 28, "lstm": 6, "gru": 12, "tcn": 6, "transformer": 8}


class Net(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.register_buffer("mean", torch.full((4,), 100.0))
        self.register_buffer("scale", torch.full((4,), 5.0))
        if kind == "lstm":
            self.r = nn.LSTM(4, 6, 2, batch_first=True)
        if kind == "gru":
            self.r = nn.GRU(4, 6, batch_first=True, bidirectional=True)
        if kind == "tcn":
            self.c1 = nn.Conv1d(4, 6, 3, padding=2)
            self.c2 = nn.Conv1d(6, 6, 3, dilation=2, padding=4)
            self.bn = nn.BatchNorm1d(6)
            self.pool = nn.AdaptiveAvgPool1d(1)
        if kind == "transformer":
            layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, activation="gelu")
            self.i = nn.Linear(4, 8)
            self.e = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.h = nn.Linear(HEADS[kind], 3)

    def forward(self, windows):
        x = (windows - self.mean) / self.scale
        if self.kind in ("lstm", "gru"):
            y = self.r(x)[0][:, -1]
        elif self.kind == "tcn":
            y = self.bn(torch.relu(self.c1(x.transpose(1, 2)))[:, :, :-2])
            y = self.pool(nn.functional.leaky_relu(self.c2(y))[:, :, :-4]).squeeze(-1)
        elif self.kind == "transformer":
            y = self.e(self.i(x)).mean(1)
        else:
            y = torch.clamp(x.flatten(1), -3, 3)
        return torch.softmax(self.h(y), -1)


answers = {}
for kind in HEADS:
    torch.manual_seed(1)
    net = Net(kind).eval()
    windows = 100 + 5 * torch.randn(3, 7, 4, generator=torch.Generator().manual_seed(2))
    axes = {"windows": {0: "batch"}, "probabilities": {0: "batch"}}
    torch.onnx.export(
        net,
        (windows[:1],),
        f"{kind}.onnx",
        input_names=["windows"],
        output_names=["probabilities"],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
    run = onnxruntime.InferenceSession(f"{kind}.onnx").run(None, {"windows": windows.numpy()})[0]
    answers[kind] = {"windows": windows.double().flatten(1).tolist(), "answers": run.astype(float).tolist()}
json.dump(answers, open("answers.json", "w"))
