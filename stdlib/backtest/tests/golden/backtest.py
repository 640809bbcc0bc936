"""Checks backtest.json, which vectorbt 1.2.0 made, against its rules in plain Python.

    pip install numpy
    python3 backtest.py

Orders are filled at the close of the signal's bar with a slippage of 1 bp and a fee of 2 bps; a position is
all the cash there is. Bars and signals come from splitmix64, so that Rust rebuilds them to the last bit.
"""

import json
import pathlib

import numpy as np

FEE, SLIPPAGE, CASH = 0.0002, 0.0001, 100_000.0


def uniform(seed, count):
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def closes(count):
    drawn = uniform(61, 6 * count).reshape(count, 6)
    returns = 0.0008 * (((drawn[:, 0] + drawn[:, 1]) + drawn[:, 2]) - 1.5)
    return 100.0 * np.cumprod(1.0 + returns)


def final_value(count, is_both):
    price, drawn = closes(count), uniform(62, count)
    cash, units, closed = CASH, 0.0, 0
    for i in range(count):
        wanted = None
        if drawn[i] < 0.02:
            wanted = 1
        elif drawn[i] < 0.04:
            wanted = -1 if is_both else 0
        elif drawn[i] < 0.06:
            wanted = 0
        if wanted is None or wanted == np.sign(units):
            continue
        if units:
            side = np.sign(units)
            fill = price[i] * (1 - side * SLIPPAGE)
            cash += units * fill - abs(units) * fill * FEE
            units, closed = 0.0, closed + 1
        if wanted:
            fill = price[i] * (1 + wanted * SLIPPAGE)
            units = wanted * cash / (fill * (1 + FEE))
            cash -= units * fill + abs(units) * fill * FEE
    return cash + units * price[-1], closed


def main():
    golden = json.loads(pathlib.Path(__file__).with_name("backtest.json").read_text())
    for count in (1_000, 100_000):
        for way in ("long", "both"):
            theirs = golden[f"vectorbt/{way}/{count}"]
            value, closed = final_value(count, way == "both")
            off = abs(value / theirs["final_value"] - 1)
            print(f"{way} {count}: {closed} trades closed, off by {off:.1e}")
            assert off < 1e-9 and closed == theirs["closed"]


main()
