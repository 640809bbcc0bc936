"""Every weekday of 2000-2030 on which the New York Stock Exchange keeps no regular hours.

    pip install exchange_calendars && python xnys_days.py > xnys_days.csv

Columns: date, close (New York wall clock; empty when there is no session). Made with
exchange_calendars 4.13.2.
"""

import exchange_calendars as xcals
import pandas as pd

calendar = xcals.get_calendar("XNYS", start="2000-01-01", end="2030-12-31")
print("date,close")
for day in pd.bdate_range("2000-01-01", "2030-12-31"):
    if day not in calendar.schedule.index:
        print(f"{day.date()},")
        continue
    close = calendar.schedule.loc[day, "close"].tz_convert("America/New_York")
    if close.strftime("%H:%M") != "16:00":
        print(f"{day.date()},{close:%H:%M}")
