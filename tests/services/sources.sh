#!/bin/sh
# The bars of the example out of files, SQLite, PostgreSQL and ClickHouse: the same data set each time.
#
#   tests/services/sources.sh SUHO           # the binary to try
#
# Not part of CI: it needs PostgreSQL (initdb, psql), ClickHouse's server and Python. Servers listen
# on 127.0.0.1 alone; everything lies in a folder that is removed again.
set -eu
suho=$(realpath "${1:?the suho to try}")
cd "$(dirname "$0")/../.."
D=$(mktemp -d)
postgres= clickhouse=
end() {
  [ -z "$clickhouse" ] || { kill "$clickhouse"; wait "$clickhouse" 2> /dev/null || true; }
  [ -z "$postgres" ] || $as "$B/pg_ctl" -D "$D/pg/data" -s -m immediate stop || true
  rm -rf "$D"
}
trap end EXIT
mkdir -p "$D/project/bars"
cp examples/sources/*.suho "$D/project"
"$suho" data export examples/data/eurusd_1h.parquet "$D/project/bars/all.csv" --column time=Opened \
  --column open=O --column high=H --column low=L --column close=C --column volume=Ticks --quiet

# SQLite.
python3 - "$D/project" <<'P'
import csv, sqlite3, sys
folder = sys.argv[1]
rows = list(csv.DictReader(open(folder + "/bars/all.csv")))
base = sqlite3.connect(folder + "/bars.db")
base.execute("CREATE TABLE bars (opened TEXT, o REAL, h REAL, l REAL, c REAL, ticks REAL)")
base.executemany("INSERT INTO bars VALUES (?,?,?,?,?,?)", [[row["Opened"], *(float(row[k]) for k in ["O", "H", "L", "C", "Ticks"])] for row in rows])
base.commit()
with open(folder + "/../rows.tsv", "w") as out:
    for row in rows:
        out.write("\t".join(row[k] for k in ["Opened", "O", "H", "L", "C", "Ticks"]) + "\n")
P

# PostgreSQL, which does not run as root.
B=${POSTGRES_BIN:-/usr/lib/postgresql/15/bin}
as=
mkdir "$D/pg"
if [ "$(id -u)" = 0 ]; then
  chmod 711 "$D"
  chown postgres: "$D/pg"
  as="setpriv --reuid=postgres --regid=postgres --clear-groups"
fi
$as "$B/initdb" -D "$D/pg/data" -U suho -A trust -E UTF8 --locale=C.UTF-8 --no-sync > "$D/initdb.log"
$as "$B/pg_ctl" -D "$D/pg/data" -w -s -l "$D/pg/log" \
  -o "-k $D/pg -p 54393 -c listen_addresses=127.0.0.1 -c fsync=off" start
postgres=yes
psql="psql -q -h 127.0.0.1 -p 54393 -U suho -d postgres -v ON_ERROR_STOP=1"
$psql -c "CREATE TABLE bars (time timestamptz, open float8, high float8, low float8, close float8, volume numeric)"
$psql -c "\\copy bars FROM '$D/rows.tsv'"
SUHO_BARS_URL=postgres://suho@127.0.0.1:54393/postgres
export SUHO_BARS_URL

# ClickHouse, in the words that every server knows.
mkdir -p "$D/ch/data" "$D/ch/tmp" "$D/ch/files" "$D/ch/formats"
cat > "$D/ch/config.xml" <<X
<yandex><logger><level>warning</level><log>$D/ch/log</log><errorlog>$D/ch/errors</errorlog></logger>
<listen_host>127.0.0.1</listen_host><http_port>18127</http_port><tcp_port>19007</tcp_port>
<interserver_http_port>19017</interserver_http_port><path>$D/ch/data/</path><tmp_path>$D/ch/tmp/</tmp_path>
<user_files_path>$D/ch/files/</user_files_path><format_schema_path>$D/ch/formats/</format_schema_path>
<mark_cache_size>67108864</mark_cache_size><users_config>$D/ch/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database></yandex>
X
cat > "$D/ch/users.xml" <<X
<yandex><profiles><default/></profiles><users><default><password>hush</password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></default></users><quotas><default/></quotas></yandex>
X
clickhouse-server --config-file="$D/ch/config.xml" > "$D/ch/out" 2>&1 &
clickhouse=$!
url=http://127.0.0.1:18127
until curl -sf "$url/ping" > /dev/null; do kill -0 "$clickhouse"; done
ask() { curl -sSf -H 'X-ClickHouse-User: default' -H 'X-ClickHouse-Key: hush' "$url/$1" --data-binary "$2"; }
ask '' 'CREATE DATABASE market'
# Whose a row is and when it came go by names of their own here.
ask '' "CREATE TABLE market.ohlcv (owner String, symbol String, timeframe String, ts DateTime,
  open Float64, high Float64, low Float64, close Float64, volume Float64, came DateTime)
  ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY (symbol, timeframe, owner, ts, came)"
python3 - "$D/rows.tsv" > "$D/rows.bin" <<'P'
import datetime, struct, sys
out = sys.stdout.buffer
for line in open(sys.argv[1]):
    time, *prices = line.rstrip("\n").split("\t")
    for text in ["platform", "EUR/USD", "1h"]:
        out.write(bytes([len(text)]) + text.encode())
    opened = int(datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp())
    out.write(struct.pack("<I5dI", opened, *map(float, prices), 1_700_000_000))
P
ask '?query=INSERT%20INTO%20market.ohlcv%20FORMAT%20RowBinary' "@$D/rows.bin"
SUHO_CLICKHOUSE=hush
export SUHO_CLICKHOUSE

# The pipeline with another source.
with() {
  mkdir "$D/$1"
  cp "$D/project"/*.suho "$D/$1"
  [ "$1" != sqlite ] || cp "$D/project/bars.db" "$D/sqlite"
  [ "$1" != files ] || cp -r "$D/project/bars" "$D/files"
  python3 - "$D/$1/pipeline.suho" "$2" "$3" <<'P'
import re, sys
path, source, before = sys.argv[1:]
text = open(path).read()
if source:
    text = re.sub(r"source = csv\(.*?\n    \)\n", lambda _: "source = " + source + "\n", text, flags=re.S)
text = text.replace("use std.rollout\n", "use std.rollout\n" + before, 1)
open(path, "w").write(text)
P
}
with files '' ''
with sqlite 'sqlite("bars.db", query: "SELECT opened AS time, o AS open, h AS high, l AS low, c AS close, ticks AS volume FROM bars", timeframe: 1h)' ''
with postgres 'postgres(warehouse, table: "bars", timeframe: 1h)' '
secret bars_url: Url = env("SUHO_BARS_URL")

postgres_connection warehouse {
  url = bars_url
}
'
with clickhouse 'clickhouse(warehouse, table: "market.ohlcv", timeframe: 1h, columns: { tenant = "owner", arrived = "came" })' '
secret bars_password = env("SUHO_CLICKHOUSE")

clickhouse_connection warehouse {
  url      = "http://127.0.0.1:18127"
  password = bars_password
}
'
for source in files sqlite postgres clickhouse; do
  "$suho" plan "$D/$source" --at 2026-01-01T00:00:00Z > "$D/$source.plan"
  "$suho" rehearse "$D/$source" --quiet > "$D/$source.out" || { cat "$D/$source.out"; exit 1; }
  ls "$D/$source/.suho/rehearsal/artifacts/_datasets/platform" > "$D/$source.digest"
  echo "$source $(cat "$D/$source.digest")"
  cmp "$D/files.digest" "$D/$source.digest"
  if grep -rl hush "$D/$source"; then echo "the password was kept"; exit 1; fi
done
# What was asked is not asked again: the server is gone.
kill "$clickhouse"
wait "$clickhouse" 2> /dev/null || true
clickhouse=
"$suho" rehearse "$D/clickhouse" | head -3
