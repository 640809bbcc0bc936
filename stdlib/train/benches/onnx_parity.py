"""ONNX Runtime against suho, on the golden rows of a sealed model.

    pip install onnx onnxruntime numpy
    suho model export NAME --onnx /tmp/model.onnx
    python3 stdlib/train/benches/onnx_parity.py /tmp/model.onnx .suho/rehearsal/artifacts/platform/NAME/v1.0.0

Prints the largest difference of a probability and the share of rows with the same class, and fails above
1e-4 or below 99.9 %.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

TOLERANCE = 1e-4
SAME_CLASS = 0.999


def golden(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The tensors of a safetensors file."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    kinds = {"F64": np.float64, "F32": np.float32, "I64": np.int64}
    tensors = {}
    for name, entry in json.loads(data[8:start]).items():
        begin, end = (start + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(data[begin:end], kinds[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def main() -> int:
    model, artifact = sys.argv[1], pathlib.Path(sys.argv[2])
    onnx.checker.check_model(onnx.load(model), full_check=True)
    rows = golden(artifact / "golden.safetensors")
    sequence = json.loads((artifact / "signature.json").read_text())["architecture"]["sequence"]
    windows = np.stack([rows["bars"][end + 1 - sequence : end + 1] for end in rows["ends"]])
    expected = rows["probabilities"]
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    answers = session.run(["probabilities"], {"windows": windows})[0]
    worst = float(np.abs(answers - expected).max())
    same = float((answers.argmax(axis=1) == expected.argmax(axis=1)).mean())
    print(f"rows {len(windows)}  largest difference {worst:.1e}  same class {same:.1%}")
    return int(worst > TOLERANCE or same < SAME_CLASS)


if __name__ == "__main__":
    sys.exit(main())
