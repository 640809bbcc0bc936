"""Networks as a team of PyTorch users would leave them: their modules' weights, and what they answer.

    pip install torch numpy safetensors
    python3 foreign.py

Writes foreign_*.safetensors with `safetensors.torch.save_file` and foreign.json beside this file.
Made with torch 2.15.0, safetensors 0.8.0, on the CPU, in single precision.
"""

import json
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

SEQUENCE, INPUTS, WINDOWS = 6, 4, 5
HERE = pathlib.Path(__file__).parent
LAYERS = {
    "recurrent": [
        {"lstm": {"units": 5}},
        {"gru": {"units": 3}},
        {"dense": {"units": 4, "activation": "tanh"}},
        {"output": {"units": 3, "activation": "softmax"}},
    ],
    "attentive": [
        {"conv1d": {"filters": 6, "kernel": 3, "dilation": 2, "activation": "relu"}},
        {"attention": {"heads": 2}},
        {"layer_norm": {}},
        {"transformer": {"heads": 3, "feed_forward": 7}},
        {"output": {"units": 3, "activation": "softmax"}},
    ],
}


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm_0 = nn.LSTM(INPUTS, 5, batch_first=True)
        self.gru_0 = nn.GRU(5, 3, batch_first=True)
        self.dense_0 = nn.Linear(3, 4)
        self.output = nn.Linear(4, 3)

    def forward(self, x):
        x = self.gru_0(self.lstm_0(x)[0])[0][:, -1]
        return self.output(torch.tanh(self.dense_0(x)))


class Block(nn.Module):
    def __init__(self, width, heads, feed_forward):
        super().__init__()
        self.norm_0 = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.norm_1 = nn.LayerNorm(width)
        self.dense_0 = nn.Linear(width, feed_forward)
        self.dense_1 = nn.Linear(feed_forward, width)

    def forward(self, x):
        y = self.norm_0(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.dense_1(torch.relu(self.dense_0(self.norm_1(x))))


class Attentive(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1d_0 = nn.Conv1d(INPUTS, 6, 3, dilation=2)
        self.attention_0 = nn.MultiheadAttention(6, 2, batch_first=True)
        self.layer_norm_0 = nn.LayerNorm(6)
        self.transformer_0 = Block(6, 3, 7)
        self.output = nn.Linear(6, 3)

    def forward(self, x):
        x = nn.functional.pad(x.transpose(1, 2), (4, 0))
        x = torch.relu(self.conv1d_0(x)).transpose(1, 2)
        x = x + self.attention_0(x, x, x, need_weights=False)[0]
        return self.output(self.transformer_0(self.layer_norm_0(x))[:, -1])


def main():
    torch.manual_seed(7)
    made = {"torch": torch.__version__, "sequence": SEQUENCE, "inputs": INPUTS}
    for name, module in [("recurrent", Recurrent()), ("attentive", Attentive())]:
        for parameter in module.parameters():
            nn.init.uniform_(parameter, -0.7, 0.7)
        windows = torch.randn(WINDOWS, SEQUENCE, INPUTS)
        with torch.no_grad():
            answers = torch.softmax(module.eval()(windows), -1)
        save_file(module.state_dict(), HERE / f"foreign_{name}.safetensors", {"format": "pt"})
        made[name] = {
            "layers": LAYERS[name],
            "windows": windows.flatten().tolist(),
            "answers": answers.flatten().tolist(),
        }
    (HERE / "foreign.json").write_text(json.dumps(made) + "\n")


main()
