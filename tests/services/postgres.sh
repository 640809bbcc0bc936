#!/bin/sh
# The state on PostgreSQL: the store's tests on a real server, then daemons of the real binary while
# the server is restarted as by a loss of power and while the daemon that leads is stopped.
#
#   tests/services/postgres.sh SUHO [STORE-TESTS]
#
# SUHO is the binary to try, STORE-TESTS the test binary of `suho-store`; without it those tests are
# built. RESTARTS and CYCLES say how often each thing goes wrong (5 and 1 if not set: a minute); 500
# and 200 are an afternoon. Says so and ends well where there is no PostgreSQL and none can be had.
set -eu
suho=$(realpath "${1:?the suho to try}")
tests=${2:-}
cd "$(dirname "$0")/../.."
. tests/services/postgres-server.sh
if ! postgres_find || ! command -v python3 > /dev/null; then
  echo "skipped: it needs PostgreSQL 15 or newer (initdb, psql) and Python"
  exit 0
fi
# In memory where there is such a place: what is tried is a killed server, not a lost disk.
D=$(TMPDIR=$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}") mktemp -d)
chmod 711 "$D"
end() {
  [ -z "${postgres_folder:-}" ] || postgres_stop
  rm -rf "$D"
}
trap end EXIT
if ! postgres_start "$D/pg" 54394 max_connections=100 shared_buffers=32MB; then
  echo "skipped: PostgreSQL does not start here:"
  sed 's/^/  /' "$D/pg.log" "$D/pg/log" || true
  exit 0
fi
server=postgres://suho@127.0.0.1:54394

if [ -n "$tests" ]; then
  SUHO_POSTGRES=$server/postgres "$tests" --test-threads=2 -q
else
  SUHO_POSTGRES=$server/postgres cargo test -q -p suho-store
fi

psql -q "$server/postgres" -c 'CREATE DATABASE engines'
RESTART="sh -c '. tests/services/postgres-server.sh
  B=$B postgres_as=\"$postgres_as\" postgres_folder=$postgres_folder postgres_options=\"$postgres_options\"
  postgres_restart'"
export RESTART
python3 -I tests/services/engines.py "$suho" "$server/engines" "${RESTARTS:-5}" "${CYCLES:-1}"
