"""The crate's sessions of New York's exchanges against `exchange_calendars`, 2000 to 2030.

    cargo run -p suho-time --example sessions > sessions.csv
    pip install exchange_calendars && python dsl/time/tests/sessions_peer.py sessions.csv

Opens and closes in UTC, one session a line; and the market time between pairs of instants, which
the peer counts in minutes. Prints every difference. Made with exchange_calendars 4.13.2.
"""

import sys

import exchange_calendars as xcals
import pandas as pd


def main(path):
    calendar = xcals.get_calendar("XNYS", start="2000-01-01", end="2030-12-31")
    # Aligned to the crate's reading: the minute that begins at the close is not open.
    assert calendar.side == "left"
    rows = [line.split(",") for line in open(path, encoding="utf-8").read().split()]
    ours = {tuple(row[1:]) for row in rows if row[0] == "session"}
    text = lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    theirs = {(text(row.open), text(row.close)) for row in calendar.schedule.itertuples()}
    for session in sorted(ours ^ theirs):
        print("session", session, "ours only" if session in ours else "peer only")
    differences = len(ours ^ theirs)
    minutes = calendar.minutes
    spans = [row[1:] for row in rows if row[0] == "span"]
    for start, end, seconds in spans:
        count = minutes.searchsorted(pd.Timestamp(end)) - minutes.searchsorted(pd.Timestamp(start))
        if count * 60 != int(seconds):
            differences += 1
            print(f"from {start} to {end}: ours {seconds} s, peer {count * 60} s")
    print(f"{len(theirs)} sessions, {len(spans)} spans, {differences} differences")
    return differences


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) > 0)
