"""The work of benches/read.rs in polars, one thread, and the ratio of the two.

    cargo bench -p suho-market -- /tmp/bars.parquet > ours.txt
    POLARS_MAX_THREADS=1 python benches/polars_peer.py /tmp/bars.parquet ours.txt

The features are the same in kind; polars' exponential means begin at the first value.
"""
import re
import sys
import time

import polars as pl

path = sys.argv[1]
c, h, l, o, v = (pl.col(n) for n in ("close", "high", "low", "open", "volume"))


def wilder(x, n):
    return x.ewm_mean(alpha=1 / n, adjust=False)


def rsi(n):
    d = c.diff()
    up, down = wilder(d.clip(lower_bound=0), n), wilder((-d).clip(lower_bound=0), n)
    return (100 * up / (up + down)).alias(f"rsi_{n}")


def macd(fast, slow, signal):
    line = c.ewm_mean(span=fast, adjust=False) - c.ewm_mean(span=slow, adjust=False)
    return (line - line.ewm_mean(span=signal, adjust=False)).alias(f"macd_{fast}")


def bb(n):
    m, s = c.rolling_mean(n), c.rolling_std(n, ddof=0)
    return ((c - (m - 2 * s)) / (4 * s)).alias(f"bb_{n}")


def true_range():
    p = c.shift()
    return pl.max_horizontal(h - l, (h - p).abs(), (l - p).abs())


def atr(n):
    return wilder(true_range(), n).alias(f"atr_{n}")


def volume_ratio(n):
    return (v / v.rolling_mean(n)).alias(f"volume_ratio_{n}")


def adx(n):
    up, down = h.diff(), -l.diff()
    plus = pl.when((up > down) & (up > 0)).then(up).otherwise(0)
    minus = pl.when((down > up) & (down > 0)).then(down).otherwise(0)
    p, m = wilder(plus, n), wilder(minus, n)
    return wilder(100 * (p - m).abs() / (p + m), n).alias(f"adx_{n}")


def stoch(n, k):
    low, high = l.rolling_min(n), h.rolling_max(n)
    return (100 * (c - low) / (high - low)).rolling_mean(k).alias(f"stoch_{n}")


FEATURES = [c, rsi(7), rsi(14), rsi(21), macd(12, 26, 9), macd(5, 35, 5), bb(20), bb(50), atr(7), atr(14),
            volume_ratio(20), volume_ratio(50), adx(7), adx(14), stoch(14, 3), stoch(5, 3)]


def best(run):
    least = float("inf")
    for _ in range(5):
        start = time.process_time()
        run()
        least = min(least, 1e3 * (time.process_time() - start))
    return least


theirs = {
    "read Parquet, 1,000,000 x 6": best(lambda: pl.read_parquet(path)),
    "read Parquet and compute 16 features": best(lambda: pl.read_parquet(path).select(FEATURES)),
}
ours = {}
if len(sys.argv) > 2:
    for line in open(sys.argv[2], encoding="utf-8"):
        if m := re.match(r"(.+?)\s+([\d.]+) ms$", line.strip()):
            ours[m[1]] = float(m[2])
print(f"polars {pl.__version__}, {pl.thread_pool_size()} threads")
for what, ms in theirs.items():
    ratio = f", ours / theirs {ours[what] / ms:.2f}" if what in ours else ""
    print(f"{what:<40} {ms:8.1f} ms{ratio}")
