-- Tables of bars in ClickHouse, as `clickhouse(connection, table: "market.ohlcv")` reads them. A bar
-- that is revised is a further row: which one counts is a question of `ingested_at` and of the
-- instant as of which is asked. Rows of `platform` are everybody's.
CREATE DATABASE IF NOT EXISTS market;
CREATE TABLE IF NOT EXISTS market.ohlcv (
  tenant_id LowCardinality(String),
  symbol LowCardinality(String),
  timeframe LowCardinality(String),
  ts DateTime64(3, 'UTC'),
  open Float64,
  high Float64,
  low Float64,
  close Float64,
  volume Float64,
  spread Float64 DEFAULT nan,
  source LowCardinality(String),
  ingested_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = MergeTree PARTITION BY toYYYYMM(ts)
ORDER BY (symbol, timeframe, tenant_id, ts, ingested_at);
