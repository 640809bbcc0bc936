"""The crate's cron against Python's zoneinfo: every minute of ten years, 200 lines, 12 zones.

    cargo run -p suho-time --release --example cron_oracle 2011 10 sums > sums.tsv
    pip install numpy && python dsl/time/tests/cron_peer.py sums.tsv 2011 10

`sums.tsv` holds for each zone and line how often the crate fires, and the sums of the minutes and
of their squares modulo 2^64. This script finds the firings by itself, from nothing but the zone's
offsets, and prints every line that differs. The rule: a line whose hours begin with `*` fires
whenever the clock shows what it names; any other fires when the clock first shows it or passes it.
"""

import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np

MONTHS = " JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ")
WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split(" ")
DAY = 1_440


def numbers(field, low, high, names=()):
    """A table from number to whether the field names it."""
    table = np.zeros(high + 1, dtype=bool)
    number = lambda text: names.index(text) if text in names else int(text)
    for item in field.upper().split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        if span == "*":
            first, last = low, high
        else:
            first, last = number(first), 7 if last == "SUN" else number(last or first)
        table[first : last + 1 : int(step or 1)] = True
    return table


def offsets(zone, first, end):
    """The zone's offset in minutes at each minute of UTC, found by halving between the hours."""
    at = lambda minute: int(
        datetime.fromtimestamp(minute * 60, zone).utcoffset() / timedelta(minutes=1)
    )
    table = np.empty(end - first, dtype=np.int64)
    for hour in range(first, end, 60):
        before, after = at(hour), at(hour + 60)
        if before == after:
            table[hour - first : hour - first + 60] = before
        else:
            for minute in range(hour, hour + 60):
                table[minute - first] = at(minute)
    return table


def main(path, year, years):
    span = [datetime(y, 1, 1, tzinfo=timezone.utc) for y in (year, year + years)]
    first, end = (int(moment.timestamp()) // 60 for moment in span)
    first -= DAY  # one day more, for what the clock has shown already
    differences = compared = 0
    zone_name = None
    for row in open(path, encoding="utf-8"):
        name, line, count, total, squares = row.rstrip("\n").split("\t")
        if name != zone_name:
            zone_name = name
            utc = np.arange(first, end)
            shown = utc + offsets(ZoneInfo(name), first, end)
            reached = np.maximum.accumulate(shown)
            day_from = int(shown.min()) // DAY - 1
            days = np.arange(day_from, int(shown.max()) // DAY + 2)
            dates = days.astype("datetime64[D]")
            months = dates.astype("datetime64[M]").astype(int) % 12 + 1
            of_month = (dates - dates.astype("datetime64[M]")).astype(int) + 1
            of_week = (days + 4) % 7
        minute, hour, day, month, weekday = line.split(" ")
        weekdays = numbers(weekday, 0, 7, WEEKDAYS)
        weekdays = np.append(weekdays[0] | weekdays[7], weekdays[1:7])
        in_month, in_week = numbers(day, 1, 31)[of_month], weekdays[of_week]
        both = day.startswith("*") or weekday.startswith("*")
        day_fits = (in_month & in_week if both else in_month | in_week) & numbers(
            month, 1, 12, MONTHS
        )[months]
        time_fits = np.outer(numbers(hour, 0, 23), numbers(minute, 0, 59)).ravel()
        # Whether each minute of the clock fits, and how many do up to it.
        fits = np.outer(day_fits, time_fits).ravel()
        origin = day_from * DAY
        if hour.startswith("*"):
            fires = fits[shown - origin]
        else:
            passed = np.cumsum(fits)[reached - origin]
            fires = np.append(False, np.diff(passed) > 0)
        found = utc[DAY:][fires[DAY:]].astype(np.uint64)
        ours = (int(count), int(total), int(squares))
        theirs = (len(found), int(found.sum()), int((found * found).sum()))
        compared += len(found)
        if ours != theirs:
            differences += 1
            print(f"{name} `{line}`: ours {ours}, zoneinfo {theirs}")
    print(f"{compared} firings, {differences} differences")
    return differences


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])) > 0)
