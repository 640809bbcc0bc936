//! Wall-clock cron, zones, market calendars and market-time arithmetic. A pure leaf.
