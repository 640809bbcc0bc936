"""Golden numbers of statistics that no library has: written out again with numpy, by another way where there is one.

python statistics.py writes statistics.json beside itself; needs numpy and scipy. Inputs are u() and g12() of generate.py.
"""
import itertools
import json
import os

import numpy as np
import scipy.stats as ss


def u(seed, n):
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def g12(seed, n):
    rows = u(seed, 12 * n).reshape(n, 12)
    total = np.zeros(n)
    for k in range(12):
        total = total + rows[:, k]
    return total - 6.0


def persistent(seed, n, by):
    series, before = [], 0.0
    for noise in g12(seed, n):
        before = by * before + noise
        series.append(before)
    return np.array(series)


def ks_null():
    """Distances of a training series' own windows, and the p-values of live windows among them."""
    x = persistent(201, 4000, 0.9)
    reference, window = x[:3000], 120
    stride = max(1, (3000 - window) // 2000)
    distance = lambda live: ss.ks_2samp(reference, live, method="asymp").statistic
    null = np.array([distance(reference[i : i + window]) for i in range(0, 3000 - window + 1, stride)])
    live = []
    for start, shift in [(3000, 0.0), (3400, 0.0), (3800, 0.0), (3000, 1.0), (3400, 2.0), (3800, -4.0)]:
        r = ss.ks_2samp(reference, x[start : start + window] + shift)
        p = (1 + np.sum(null >= r.statistic - 1e-12)) / (1 + len(null))
        live.append(dict(start=start, shift=shift, distance=float(r.statistic), p_ks=float(r.pvalue), p_calibrated=float(p)))
    return dict(windows=len(null), distance_sum=float(np.sort(null).sum()), live=live)


def overfitting(returns, blocks):
    """Combinatorially symmetric cross-validation, from whole columns of returns."""
    parts = np.array_split(returns, blocks)
    assert len({len(part) for part in parts}) == 1
    sharpe = lambda r: r.mean(0) / r.std(0, ddof=1)
    logits = []
    for inside in itertools.combinations(range(blocks), blocks // 2):
        outside = [b for b in range(blocks) if b not in inside]
        best = np.argmax(sharpe(np.concatenate([parts[b] for b in inside])))
        rank = ss.rankdata(sharpe(np.concatenate([parts[b] for b in outside])))[best]
        share = rank / (returns.shape[1] + 1)
        logits.append(np.log(share / (1 - share)))
    logits = np.array(logits)
    return dict(splits=len(logits), probability=float(np.mean(logits <= 1e-12)), logit_median=float(np.median(logits)))


def pbo():
    noise = g12(301, 1600 * 12).reshape(1600, 12) * 0.01
    skilled = noise.copy()
    skilled[:, 3] += 0.002
    return dict(noise=overfitting(noise, 8), skilled=overfitting(skilled, 8), sixteen=overfitting(noise[:800], 16))


def bootstrap_errors():
    """Standard errors of the mean under resampling in blocks, in closed form."""
    x = persistent(401, 400, 0.7)
    n, centred = len(x), x - x.mean()
    circular = lambda lag: np.mean(centred * np.roll(centred, -lag))
    autocovariance = [circular(lag) for lag in range(n)]
    # Stationary: Politis & Romano 1994, the exact conditional variance of the resampled mean.
    keep = 1 - 1 / 20
    stationary = autocovariance[0] + 2 * sum((1 - i / n) * keep**i * autocovariance[i] for i in range(1, n))
    # Circular blocks that fill the series: independent block means.
    means = np.array([np.mean(np.take(x, range(start, start + 20), mode="wrap")) for start in range(n)])
    return dict(stationary=float(np.sqrt(stationary / n)), circular=float(means.std() / np.sqrt(n / 20)), independent=float(x.std() / np.sqrt(n)))


def calibration():
    """Expected calibration error and block standard error of accuracy on synth(120, 10000) of generate.py."""
    n, seed = 10000, 120
    y = np.minimum((u(seed, n) * 3).astype(int), 2)
    raw = u(seed + 1, 3 * n).reshape(n, 3) + 0.5 * np.eye(3)[y] * u(seed + 2, n)[:, None]
    p = raw / ((raw[:, 0] + raw[:, 1]) + raw[:, 2])[:, None]
    confidence, right = p.max(1), (p.argmax(1) == y).astype(float)
    bins = np.minimum(np.ceil(confidence * 15).astype(int) - 1, 14)
    ece = sum(abs(right[bins == b].mean() - confidence[bins == b].mean()) * np.mean(bins == b) for b in set(bins))
    means = right[: n // 12 * 12].reshape(-1, 12).mean(1)
    return dict(calibration_error=float(ece), accuracy_error_block=float(means.std(ddof=1) / np.sqrt(len(means))))


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    numbers = dict(ks_null=ks_null(), pbo=pbo(), bootstrap=bootstrap_errors(), calibration=calibration())
    with open(f"{here}/statistics.json", "w") as out:
        json.dump(numbers, out, indent=1)
        out.write("\n")
