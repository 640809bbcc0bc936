"""TensorBoard's own reader on the event file of a sealed model.

    pip install tensorboard
    python3 stdlib/train/benches/tensorboard_read.py .suho/rehearsal/artifacts/platform/NAME/v1.0.0

Prints every curve, and fails where it differs from the artifact's `logs/metrics.jsonl`.
"""

import json
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

CURVES = {
    "loss/train": "train_loss",
    "loss/validation": "validation_loss",
    "accuracy/validation": "validation_accuracy",
    "learning_rate": "learning_rate",
}


def main() -> int:
    artifact = pathlib.Path(sys.argv[1])
    lines = (artifact / "logs" / "metrics.jsonl").read_text().splitlines()
    epochs = [json.loads(line) for line in lines]
    reader = EventAccumulator(str(artifact / "tensorboard"))
    reader.Reload()
    worst = 0.0
    for tag, name in CURVES.items():
        points = reader.Scalars(tag)
        print(tag, [f"{point.value:.4f}" for point in points])
        assert [point.step for point in points] == [epoch["epoch"] for epoch in epochs], tag
        worst = max([worst] + [abs(p.value - e[name]) for p, e in zip(points, epochs)])
    print(f"{len(epochs)} epochs, largest difference {worst:.1e}")
    return int(worst > 1e-6)


if __name__ == "__main__":
    sys.exit(main())
