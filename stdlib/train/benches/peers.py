"""suho beside PyTorch and ONNX Runtime: the LSTM of two layers, 128 and 64, on 60 bars of 16 features.

    pip install torch onnxruntime numpy
    cargo build --release -p suho-train --example throughput
    python3 stdlib/train/benches/peers.py target/release/examples/throughput [ROUNDS [THREADS]]

TORCH and ONNX may name the pythons that have the peers. Ours and theirs run in turn, five times unless ROUNDS
says otherwise, so that a busy machine is busy for both; a table of medians and their ratios is printed, by
the clock and by CPU time. Above 1 suho is faster. Both train with THREADS threads, two unless said; one
answer is always one thread's work. On a busy machine compare one thread by CPU time: PyTorch's threads wait
for each other by spinning, which is slow by the clock and dear in CPU time where another process runs.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

SEQUENCE, FEATURES, WINDOWS, QUESTIONS = 60, 16, 2048, 1000


def torch_trains(batch: int, threads: int) -> None:
    """Prints samples, seconds and CPU seconds of an epoch after some steps to warm up."""
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    torch.manual_seed(1)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.LSTM(FEATURES, 128, batch_first=True)
            self.second = nn.LSTM(128, 64, batch_first=True)
            self.dropout = nn.Dropout(0.2)
            self.dense, self.output = nn.Linear(64, 32), nn.Linear(32, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            h, _ = self.first(x)
            h, _ = self.second(self.dropout(h))
            return self.output(torch.relu(self.dense(self.dropout(h[:, -1]))))

    net = Net()
    adam = torch.optim.Adam(net.parameters(), lr=1e-3)
    loss_of = nn.CrossEntropyLoss()
    rows = torch.rand(WINDOWS + SEQUENCE, FEATURES) - 0.5
    windows = rows.unfold(0, SEQUENCE, 1).transpose(1, 2)[:WINDOWS].contiguous()
    labels = torch.randint(0, 3, (WINDOWS,))

    def epoch(limit: int) -> None:
        for at in torch.randperm(WINDOWS)[:limit].split(batch):
            adam.zero_grad()
            loss_of(net(windows[at]), labels[at]).backward()
            adam.step()

    epoch(4 * batch)
    began, cpu = time.perf_counter(), time.process_time()
    epoch(WINDOWS)
    print(WINDOWS, time.perf_counter() - began, time.process_time() - cpu)


def onnx_answers(path: str) -> None:
    """Prints the 50th and 95th percentile of one answer, in ms."""
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name, kind = session.get_inputs()[0].name, session.get_inputs()[0].type
    dtype = np.float64 if "double" in kind else np.float32
    window = np.random.default_rng(1).random((1, SEQUENCE, FEATURES)).astype(dtype)
    times = []
    for turn in range(QUESTIONS + 100):
        began = time.perf_counter()
        session.run(None, {name: window})
        times.append(1e3 * (time.perf_counter() - began))
    times = sorted(times[100:])
    print(times[len(times) // 2], times[len(times) * 95 // 100])


def numbers(*command: str) -> list[float]:
    return [float(word) for word in subprocess.check_output(command, text=True).split()]


def in_turn(rounds: int, *commands: tuple[str, ...]) -> list[list[list[float]]]:
    """The numbers of each command, a list for each round."""
    found: list[list[list[float]]] = [[] for _ in commands]
    for _ in range(rounds):
        for of, command in zip(found, commands):
            of.append(numbers(*command))
    return found


def median(rounds: list[list[float]], of) -> float:
    return statistics.median(of(*each) for each in rounds)


def main(ours: str, rounds: int = 5, threads: int = 2) -> None:
    me, torch, onnx = __file__, os.environ.get("TORCH", "python3"), os.environ.get("ONNX", "python3")
    os.environ["RAYON_NUM_THREADS"] = str(threads)
    print("| work | suho | peer | ratio |\n|---|---|---|---|")
    for batch in ("32", "256"):
        mine, theirs = in_turn(rounds, (ours, "train", batch), (torch, me, "--torch", batch, str(threads)))
        for what, of in [
            ("samples/s", lambda samples, seconds, cpu: samples / seconds),
            ("samples/CPU s", lambda samples, seconds, cpu: samples / cpu),
        ]:
            a, b = median(mine, of), median(theirs, of)
            print(f"| training, batch {batch}, {what} | {a:.0f} | PyTorch {b:.0f} | {a / b:.2f} |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        subprocess.check_call((ours, "onnx", path))
        mine, theirs = in_turn(rounds, (ours, "ask"), (onnx, me, "--onnx", path))
    for at, what in enumerate(("p50", "p95")):
        a, b = (median(each, lambda *times: times[at]) for each in (mine, theirs))
        print(f"| one answer, {what}, ms | {a:.3f} | ONNX Runtime {b:.3f} | {b / a:.2f} |")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--torch", batch, threads]:
            torch_trains(int(batch), int(threads))
        case ["--onnx", path]:
            onnx_answers(path)
        case [ours, *rest] if len(rest) <= 2:
            main(ours, *map(int, rest))
        case _:
            sys.exit(__doc__)
