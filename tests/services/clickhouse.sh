#!/bin/sh
# The bars of the example in a real ClickHouse and back, as they were known at an instant.
#
#   tests/services/clickhouse.sh             # Debian's server 18.16 (apt: clickhouse-server)
#   tests/services/clickhouse.sh URL         # a server that listens already
#
# Not part of CI: it needs a server. Everything lies in a folder that is removed again.
set -eu
cd "$(dirname "$0")/../.."
file=examples/data/eurusd_1h.parquet
url=${1:-}
if [ -z "$url" ]; then
  D=$(mktemp -d)
  mkdir "$D/data" "$D/tmp" "$D/log" "$D/files" "$D/formats"
  cat > "$D/config.xml" <<X
<?xml version="1.0"?>
<yandex>
 <logger><level>warning</level><log>$D/log/all</log><errorlog>$D/log/errors</errorlog></logger>
 <listen_host>127.0.0.1</listen_host>
 <http_port>18125</http_port><tcp_port>19005</tcp_port><interserver_http_port>19015</interserver_http_port>
 <path>$D/data/</path><tmp_path>$D/tmp/</tmp_path><user_files_path>$D/files/</user_files_path>
 <format_schema_path>$D/formats/</format_schema_path><mark_cache_size>67108864</mark_cache_size>
 <users_config>$D/users.xml</users_config><default_profile>default</default_profile>
 <default_database>default</default_database><timezone>America/New_York</timezone>
</yandex>
X
  cat > "$D/users.xml" <<X
<?xml version="1.0"?>
<yandex><profiles><default/></profiles><users><default><password></password>
<networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
<quotas><default/></quotas></yandex>
X
  clickhouse-server --config-file="$D/config.xml" > "$D/out" 2>&1 &
  server=$!
  trap 'kill $server; wait $server 2> /dev/null || true; rm -rf "$D"' EXIT
  url=http://127.0.0.1:18125
  until curl -sf "$url/ping" > /dev/null; do kill -0 "$server"; done
fi
ask() { curl -sSf "$url/" --data-binary "$1"; }
ask 'CREATE DATABASE IF NOT EXISTS market'
ask 'DROP TABLE IF EXISTS market.ohlcv'
# What every server knows; a current one would have DateTime64(3) and LowCardinality.
ask "CREATE TABLE market.ohlcv (tenant_id String, symbol String, timeframe String, ts DateTime,
  open Float64, high Float64, low Float64, close Float64, volume Float64, ingested_at DateTime)
  ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY (symbol, timeframe, tenant_id, ts, ingested_at)"
cargo run -q -p suho-market --example clickhouse -- rows "$file" |
  curl -sSf "$url/?query=INSERT%20INTO%20market.ohlcv%20FORMAT%20RowBinary" --data-binary @-
cargo run -q -p suho-market --example clickhouse -- check "$url" "$file"
