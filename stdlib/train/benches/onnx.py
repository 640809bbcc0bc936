"""ONNX Runtime against suho, on the golden rows of a sealed model.

    pip install onnxruntime numpy
    suho model export NAME --onnx /tmp/model.onnx
    python3 stdlib/train/benches/onnx.py /tmp/model.onnx .suho/rehearsal/artifacts/platform/NAME/v1.0.0

Prints the largest difference of a probability and the share of rows with the same class, and fails above
1e-4 or below 99.9 %.
"""

import json
import pathlib
import sys

import numpy as np
import onnxruntime

TOLERANCE = 1e-4
SAME_CLASS = 0.999


def main() -> int:
    model, artifact = sys.argv[1], pathlib.Path(sys.argv[2])
    golden = json.loads((artifact / "golden.json").read_text())
    signature = json.loads((artifact / "signature.json").read_text())
    architecture = signature["architecture"]
    shape = (-1, architecture["sequence"], architecture["inputs"])
    windows = np.array(golden["windows"], dtype=np.float64).reshape(shape)
    expected = np.array(golden["probabilities"])
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    answers = session.run(["probabilities"], {"windows": windows})[0]
    worst = float(np.abs(answers - expected).max())
    same = float((answers.argmax(axis=1) == expected.argmax(axis=1)).mean())
    print(f"rows {len(windows)}  largest difference {worst:.1e}  same class {same:.1%}")
    return int(worst > TOLERANCE or same < SAME_CLASS)


if __name__ == "__main__":
    sys.exit(main())
