"""TA-Lib and numpy against the catalogue: numbers, NaN masks and speed.

    python peers.py compare BARS [OURS.csv]  every feature on the bars of a CSV or parquet file
    python peers.py golden                   rewrite tests/golden/catalogue_*.csv
    python peers.py bench [ROWS]             time TA-Lib on a random walk
    python peers.py turns OURS [RUNS]        a fresh process each in turn: ours, then TA-Lib; OURS is the
                                             executable that `cargo bench -p suho-features --no-run` names

Needs PyPI `ta-lib` 0.8.2 and `numpy` (and `pyarrow` for parquet). `compare` runs the example
`export` for our side, unless a file with it is given. Features that TA-Lib names come from TA-Lib;
the others are written out here in numpy, and the sessions with `zoneinfo`.
"""
import csv
import math
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import talib as T

ROOT = pathlib.Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden"
BARS = ("open", "high", "low", "close", "volume")
NAN = float("nan")
HOUR = 3_600_000_000
# Largest relative difference that is still equal; the scale of a column stands in near zero.
TOLERANCE = 1e-9


def shift(x, n):
    return np.concatenate([np.full(n, NAN), x[:-n]])


def windows(x, n, f):
    """f over the last n values, NaN before there are n."""
    out = np.full(len(x), NAN)
    if len(x) >= n:
        out[n - 1:] = f(np.lib.stride_tricks.sliding_window_view(x, n))
    return out


def ratio(a, b, otherwise):
    with np.errstate(all="ignore"):
        return np.where(b > 0, a / b, np.where(np.isnan(b) | np.isnan(a), NAN, otherwise))


def zscore(w):
    mean, sd = w.mean(axis=1), w.std(axis=1)
    flat = sd <= 1e-12 * np.abs(mean)
    with np.errstate(all="ignore"):
        return np.where(flat, 0.0, (w[:, -1] - mean) / sd)


def autocorrelation(w):
    d = w - w.mean(axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        r = (d[:, 1:] * d[:, :-1]).sum(axis=1) / (d * d).sum(axis=1)
    return np.where(w.std(axis=1) <= 1e-14, NAN, r)


def hurst(w):
    n = w.shape[1]
    d = w - w.mean(axis=1, keepdims=True)
    y = np.concatenate([np.zeros((len(w), 1)), np.cumsum(d, axis=1)], axis=1)
    with np.errstate(all="ignore"):
        h = np.log(np.ptp(y, axis=1) / w.std(axis=1)) / math.log(n / 2)
    return np.where(w.std(axis=1) <= 1e-14, NAN, h)


def session(times, zone, opens, closes):
    def is_open(t):
        local = t.astimezone(ZoneInfo(zone))
        return float(local.weekday() < 5 and opens <= local.hour < closes)
    return np.array([is_open(t) for t in times])


def since_open(t, span):
    local = t.astimezone(ZoneInfo("America/New_York")).replace(tzinfo=None)
    days = (local.weekday() - 6) % 7
    week = (local - timedelta(days=days)).replace(hour=17, minute=0, second=0, microsecond=0)
    if week > local:
        week -= timedelta(days=7)
    return min(24.0, float((local - week) // span))


def talib_named(o, h, l, c, v):
    """Every feature whose numbers are TA-Lib's own."""
    macd, bands = T.MACD(c, 12, 26, 9), T.BBANDS(c, 20, 2.0, 2.0, 0)
    stoch, stochf = T.STOCH(h, l, c, 14, 3, 0, 3, 0), T.STOCHF(h, l, c, 14, 3, 0)
    stochrsi, aroon = T.STOCHRSI(c, 14, 14, 3, 0), T.AROON(h, l, 25)
    out = dict(
        typical_price=T.TYPPRICE(h, l, c), median_price=T.MEDPRICE(h, l), weighted_close=T.WCLPRICE(h, l, c),
        wma_20=T.WMA(c, 20), dema_20=T.DEMA(c, 20), tema_20=T.TEMA(c, 20), kama_10=T.KAMA(c, 10),
        sar=T.SAR(h, l, 0.02, 0.2), macd_line=macd[0], macd_signal=macd[1], macd_histogram=macd[2],
        ppo=T.PPO(c, 12, 26, 1), mom_10=T.MOM(c, 10), roc_10=T.ROC(c, 10), roc_24=T.ROC(c, 24), cmo_14=T.CMO(c, 14),
        stoch_k=stoch[0], stoch_d=stoch[1], stochf_k=stochf[0], stochf_d=stochf[1], stochrsi_k=stochrsi[0],
        stochrsi_d=stochrsi[1], willr_14=T.WILLR(h, l, c, 14), cci_20=T.CCI(h, l, c, 20), trix_15=T.TRIX(c, 15),
        ultosc=T.ULTOSC(h, l, c, 7, 14, 28), bop=T.BOP(o, h, l, c), aroon_down_25=aroon[0], aroon_up_25=aroon[1],
        aroon_osc_25=T.AROONOSC(h, l, 25), adx_14=T.ADX(h, l, c, 14), adxr_14=T.ADXR(h, l, c, 14),
        plus_di_14=T.PLUS_DI(h, l, c, 14), minus_di_14=T.MINUS_DI(h, l, c, 14), dx_14=T.DX(h, l, c, 14),
        true_range=T.TRANGE(h, l, c), atr_14=T.ATR(h, l, c, 14), natr_14=T.NATR(h, l, c, 14), bb_upper=bands[0],
        bb_lower=bands[2], stddev_20=T.STDDEV(c, 20, 1.0), linreg_slope_14=T.LINEARREG_SLOPE(c, 14),
        linreg_angle_14=T.LINEARREG_ANGLE(c, 14),
    )
    out |= {f"sma_{n}": T.SMA(c, n) for n in (20, 50, 200)} | {f"ema_{n}": T.EMA(c, n) for n in (12, 26, 50, 200)}
    out |= {f"rsi_{n}": T.RSI(c, n) for n in (7, 14, 21)}
    if v is not None:
        out |= dict(adosc=T.ADOSC(h, l, c, v, 3, 10), mfi_14=T.MFI(h, l, c, v, 14))
    return out


def talib_derived(o, h, l, c, v):
    """Features made of TA-Lib's numbers, with our answer where they divide by zero."""
    upper, middle, lower = T.BBANDS(c, 20, 2.0, 2.0, 0)
    ema, atr = T.EMA(c, 20), T.ATR(h, l, c, 10)
    out = dict(
        close_to_sma_20=c / T.SMA(c, 20) - 1, close_to_ema_50=c / T.EMA(c, 50) - 1,
        sma_cross_20_50=T.SMA(c, 20) / T.SMA(c, 50) - 1, bb_width=(upper - lower) / middle,
        bb_percent_b=ratio(c - lower, upper - lower, 0.5),
        keltner_percent=ratio(c - (ema - 2 * atr), 4 * atr, 0.5),
    )
    if v is not None:
        obv, ad = T.OBV(c, v), T.AD(h, l, c, v)
        out |= dict(volume_ratio=ratio(v, T.SMA(v, 20), 1.0), obv_diff_20=obv - shift(obv, 20), ad_diff_20=ad - shift(ad, 20))
    return out


def numpy_written(o, h, l, c, v):
    """Features that TA-Lib has not, from their formulas."""
    with np.errstate(all="ignore"):
        r = np.log(c / shift(c, 1))
        parkinson = np.log(h / l) ** 2
        body = np.log(c / o) ** 2
    highest, lowest = windows(h, 20, lambda w: w.max(axis=1)), windows(l, 20, lambda w: w.min(axis=1))
    after = lambda n, f: np.concatenate([[NAN], windows(r[1:], n, f)])
    out = dict(
        open=o, high=h, low=l, close=c, hl_range=(h - l) / c, co_range=(c - o) / o,
        upper_wick=ratio(h - np.maximum(o, c), h - l, 0.0), lower_wick=ratio(np.minimum(o, c) - l, h - l, 0.0),
        gap=np.log(o / shift(c, 1)), zscore_20=windows(c, 20, zscore),
        realized_vol_24=after(24, lambda w: np.sqrt((w * w).sum(axis=1))),
        parkinson_vol_24=windows(parkinson, 24, lambda w: np.sqrt(w.mean(axis=1) / (4 * math.log(2)))),
        garman_klass_vol_24=windows(0.5 * parkinson - (2 * math.log(2) - 1) * body, 24, lambda w: np.sqrt(w.mean(axis=1))),
        donchian_percent_20=ratio(c - lowest, highest - lowest, 0.5),
        autocorr_24=after(24, autocorrelation), hurst_100=after(100, hurst),
    )
    out |= {f"log_return_{n}": np.log(c / shift(c, n)) for n in (1, 4, 24)}
    if v is not None:
        traded = windows((h + l + c) / 3 * v, 24, lambda w: w.sum(axis=1))
        with np.errstate(all="ignore"):
            vwap = traded / windows(v, 24, lambda w: w.sum(axis=1))
            out |= dict(volume=v, volume_z_20=windows(v, 20, zscore), vwap_dist_24=c / vwap - 1)
    return out


def sessions(opens, span):
    """Features of the clock, from Python's zones."""
    start = [datetime.fromtimestamp(t / 1e6, timezone.utc) for t in opens]
    close = [t + span for t in start]
    local = [t.astimezone(ZoneInfo("America/New_York")) for t in close]
    hour = np.array([(t.hour * 3600 + t.minute * 60 + t.second) / 86400 for t in local]) * 2 * math.pi
    day = np.array([t.weekday() / 7 for t in local]) * 2 * math.pi
    return dict(
        hour_sin=np.sin(hour), hour_cos=np.cos(hour), dow_sin=np.sin(day), dow_cos=np.cos(day),
        session_asia=session(close, "Asia/Tokyo", 9, 18), session_london=session(close, "Europe/London", 8, 17),
        session_ny=session(close, "America/New_York", 8, 17),
        bars_since_open=np.array([since_open(t, span) for t in start]),
    )


def peers(times, o, h, l, c, v):
    """Every feature by where its number comes from."""
    span = timedelta(microseconds=int(np.diff(times).min())) if len(times) > 1 else timedelta(hours=1)
    return dict(talib=talib_named(o, h, l, c, v), derived=talib_derived(o, h, l, c, v),
                numpy=numpy_written(o, h, l, c, v) | sessions(times, span))


def read(path):
    """Times in µs and the five columns of a CSV or parquet file; no volume is None."""
    path = pathlib.Path(path)
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq
        table = pq.read_table(path)
        columns = {name: table[name].to_numpy() for name in table.column_names}
        times = columns["time"].astype("datetime64[us]").astype(np.int64)
    else:
        with open(path, newline="") as file:
            rows = list(csv.DictReader(file))
        columns = {name: np.array([row[name] for row in rows], float) for name in BARS if name in rows[0]}
        times = np.array([int(row["time"]) for row in rows]) if "time" in rows[0] else market_hours(len(rows))
    volume = columns.get("volume")
    return times, *[np.asarray(columns[name], float) for name in ("open", "high", "low", "close")], None if volume is None else np.asarray(volume, float)


def market_hours(count):
    """Opening times of `count` hourly bars from 5 March 2017 on, closed at weekends as in New York: both
    America and Europe change their clocks in them."""
    times, t = [], datetime(2017, 3, 5, 22, tzinfo=timezone.utc)
    while len(times) < count:
        local = t.astimezone(ZoneInfo("America/New_York"))
        minute = (local.weekday() * 24 + local.hour) * 60
        if not (4 * 24 + 17) * 60 <= minute < (6 * 24 + 17) * 60:
            times.append(int(t.timestamp() * 1e6))
        t += timedelta(hours=1)
    return np.array(times)


def cell(x):
    return "" if math.isnan(x) else format(float(x), ".17g")


def write(path, columns):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([x if isinstance(x, str) else cell(x) for x in row] for row in zip(*columns.values()))


def exported(times, bars):
    """Our numbers, from the example `export`."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "bars.csv"
        write(path, {"time": [str(t) for t in times]} | {n: x for n, x in zip(BARS, bars) if x is not None})
        command = ["cargo", "run", "-q", "--release", "-p", "suho-features", "--example", "export", "--", str(path)]
        text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return text.splitlines()


def compare(path, ours=None):
    times, *bars = read(path)
    lines = open(ours).read().splitlines() if ours else exported(times, bars)
    header, *rows = csv.reader(lines)
    table = np.array([[NAN if x == "" else float(x) for x in row] for row in rows])
    ours = {name: table[:, place] for place, name in enumerate(header)}
    print(f"{len(times)} bars of {path}; TA-Lib {T.__ta_version__.decode()}, its package {T.__version__}, numpy {np.__version__}\n")
    print("| feature | peer | bars with a value | same NaN mask | largest relative difference |\n|---|---|---|---|---|")
    bad = []
    missing = set(header)
    for peer, columns in peers(times, *bars).items():
        for name, theirs in columns.items():
            mine = ours[name]
            missing.discard(name)
            mask = bool((np.isnan(mine) == np.isnan(theirs)).all())
            both = ~(np.isnan(mine) | np.isnan(theirs))
            scale = np.maximum(np.abs(theirs[both]), 1e-3 * np.abs(theirs[both]).mean() if both.any() else 0)
            with np.errstate(all="ignore"):
                off = np.where(mine[both] == theirs[both], 0.0, np.abs(mine[both] - theirs[both]) / scale)
            worst = float(off.max()) if both.any() else 0.0
            print(f"| {name} | {peer} | {int(both.sum())} | {'yes' if mask else 'NO'} | {worst:.1e} |")
            if not mask or not worst <= TOLERANCE:
                bad.append(name)
    print(f"\n{len(header) - len(missing)} of {len(header)} compared; beyond {TOLERANCE:g} or other NaN: {', '.join(bad) or 'none'}")
    if missing:
        print(f"no peer: {', '.join(sorted(missing))}")
    sys.exit(bool(bad or missing))


def golden():
    """Every feature on the bars of talib_400.csv (the first 60 rows, then every tenth) and talib_flat_80.csv."""
    for source, target, keep in (("talib_400.csv", "catalogue_400.csv", lambda i: i < 60 or i % 10 == 9),
                                 ("talib_flat_80.csv", "catalogue_flat_80.csv", lambda i: True)):
        times, *bars = read(GOLDEN / source)
        columns = {name: x for columns in peers(times, *bars).values() for name, x in columns.items()}
        rows = [i for i in range(len(times)) if keep(i)]
        table = {"bar": [str(i) for i in rows], "time": [str(times[i]) for i in rows]}
        write(GOLDEN / target, table | {name: x[rows] for name, x in columns.items() if name not in BARS})


def best(f, times=5):
    spent = []
    for _ in range(times):
        start = time.process_time()
        f()
        spent.append(time.process_time() - start)
    return min(spent) * 1e3


def once(what):
    spent = []

    def run(f):
        start = time.process_time()
        f()
        spent.append((time.process_time() - start) * 1e3)

    work(1_000_000, lambda label, f, times: run(f) if label == what else None)
    print(spent[0])


def turns(ours, runs):
    """CPU of the first computation of a process, in turn, so that both see the same machine."""
    ask = lambda *command: float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    rows = {"ours, eight": (ours, "once", "eight"), "TA-Lib, eight": (sys.executable, __file__, "once", EIGHT),
            "ours, all": (ours, "once", "all")}
    spent = {name: [] for name in rows}
    for _ in range(runs):
        for name, command in rows.items():
            spent[name].append(ask(*command))
    print(f"1,000,000 bars, CPU ms of the first computation in a process, {runs} runs in turn\n\n| | least | median |\n|---|---|---|")
    for name, times in spent.items():
        print(f"| {name} | {min(times):.1f} | {statistics.median(times):.1f} |")
    ratio = [a / b for a, b in zip(spent["ours, eight"], spent["TA-Lib, eight"])]
    print(f"| ratio, eight | {min(spent['ours, eight']) / min(spent['TA-Lib, eight']):.2f} | {statistics.median(ratio):.2f} |")


EIGHT = "the workflow's eight features"


def work(rows, run):
    """Hands TA-Lib's work on a random walk to `run`."""
    rng = np.random.default_rng(1)
    c = 1.1 * np.exp(np.cumsum(rng.normal(0, 0.001, rows)))
    o = np.concatenate([[1.1], c[:-1]])
    h = np.maximum(o, c) * (1 + 0.0005 * rng.random(rows))
    l = np.minimum(o, c) * (1 - 0.0005 * rng.random(rows))
    v = np.round(1000 + 9000 * rng.random(rows))

    def eight():
        upper, _, lower = T.BBANDS(c, 20, 2.0, 2.0, 0)
        return (c, T.RSI(c, 14), T.MACD(c, 12, 26, 9)[2], (c - lower) / (upper - lower), T.ATR(h, l, c, 14),
                v / T.SMA(v, 20), T.ADX(h, l, c, 14), T.STOCH(h, l, c, 14, 3, 0, 3, 0)[0])

    run(EIGHT, eight, 5)
    run("the same as one matrix", lambda: np.column_stack(eight()), 5)
    run("every feature that TA-Lib names", lambda: talib_named(o, h, l, c, v), 3)


def bench(rows):
    print(f"TA-Lib {T.__ta_version__.decode()}, {rows} bars, CPU ms, best of 5")
    work(rows, lambda label, f, times: print(f"{label:34} {best(f, times):8.1f}"))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["compare", path, *ours]:
            compare(path, *ours)
        case ["golden"]:
            golden()
        case ["bench", *rows]:
            bench(int(rows[0]) if rows else 1_000_000)
        case ["turns", ours, *runs]:
            turns(ours, int(runs[0]) if runs else 11)
        case ["once", what]:
            once(what)
        case _:
            sys.exit(__doc__)
