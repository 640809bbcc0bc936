"""scipy and scikit-learn beside suho-stats: the same inputs, CPU time of one thread, median of five.

cargo bench -p suho-stats | OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python stdlib/stats/benches/peer.py
"""
import statistics
import sys
import time

import numpy as np
import scipy
import scipy.stats as ss
import sklearn
import sklearn.metrics as sm


def u(seed, n):
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normals(seed, n):
    rows = u(seed, 12 * n).reshape(n, 12)
    total = np.zeros(n)
    for k in range(12):
        total = total + rows[:, k]
    return total - 6.0


def synth(n):
    y = np.minimum((u(130, n) * 3).astype(int), 2)
    raw = u(131, 3 * n).reshape(n, 3) + 0.5 * np.eye(3)[y] * u(132, n)[:, None]
    return y, raw / ((raw[:, 0] + raw[:, 1]) + raw[:, 2])[:, None]


def five_calls(y, p):
    """The source workflow's five figures, a call each; suho's row holds twelve more."""
    guess = p.argmax(1)
    return (
        sm.accuracy_score(y, guess),
        sm.precision_score(y, guess, average="macro"),
        sm.recall_score(y, guess, average="macro"),
        sm.f1_score(y, guess, average="macro"),
        sm.roc_auc_score(y, p, multi_class="ovr"),
        sm.log_loss(y, p),
        sm.confusion_matrix(y, guess),
    )


def null(train, window):
    stride = max(1, (len(train) - window) // 2000)
    ordered = np.sort(train)
    distances = []
    for start in range(0, len(train) - window + 1, stride):
        live = np.sort(train[start : start + window])
        k = np.arange(1, window + 1) / window
        right = np.searchsorted(ordered, live, side="right") / len(train)
        left = np.searchsorted(ordered, live, side="left") / len(train)
        distances.append(max(np.abs(k - right).max(), np.abs(left - (k - 1 / window)).max()))
    return np.sort(distances)


def peers():
    for n, name in [(100, "100"), (1000, "1 000"), (10000, "10 000"), (100000, "100 000"), (1000000, "1 000 000")]:
        x, y = normals(35, n), normals(36, n)
        yield f"ks {name} v {name}", lambda: ss.ks_2samp(x, y)
    x, y = normals(23, 9973), normals(24, 9967)
    yield "ks 9 973 v 9 967 exact", lambda: ss.ks_2samp(x, y, method="exact")
    features = [(normals(k, 15000), normals(k + 50, 50000)) for k in range(50)]
    yield "ks 50 features 15 000 v 50 000", lambda: [ss.ks_2samp(a, b) for a, b in features]
    yield "the same, training data sorted", lambda: [ss.ks_2samp(a, b) for a, b in features]
    truth, p = synth(1000000)
    yield "classification 1 000 000 x 3", lambda: five_calls(truth, p)
    x, y = normals(35, 1000000), normals(36, 1000000)
    yield "wasserstein 1 000 000 v 1 000 000", lambda: ss.wasserstein_distance(x, y)
    train = normals(37, 15000)
    yield "drift null 15 000, windows of 120", lambda: null(train, 120)


def cpu_ms(work):
    work()
    repeats = 1
    while True:
        times = []
        for _ in range(5):
            before = time.process_time()
            for _ in range(repeats):
                work()
            times.append((time.process_time() - before) * 1e3 / repeats)
        if statistics.median(times) * repeats > 5:
            return statistics.median(times)
        repeats *= 8


def main():
    ours = {}
    for line in sys.stdin:
        name, _, figure = line.rstrip().rpartition(" ")
        try:
            ours[name.strip()] = float(figure)
        except ValueError:
            pass
    print(f"scipy {scipy.__version__}, scikit-learn {sklearn.__version__}, numpy {np.__version__}; CPU ms, median of 5")
    print(f"{'what':34} {'suho':>10} {'peer':>10} {'peer/suho':>10}")
    for name, work in peers():
        theirs = cpu_ms(work)
        mine = ours.get(name)
        shown = f"{mine:10.3f} {theirs:10.3f} {theirs / mine:9.1f}x" if mine else f"{'':10} {theirs:10.3f}"
        print(f"{name:34} {shown}", flush=True)


if __name__ == "__main__":
    main()
