#!/bin/sh
# The state on PostgreSQL: the store's tests on a real server.
#
#   tests/services/postgres.sh [STORE-TESTS]
#
# STORE-TESTS is the test binary of `suho-store`; without it those tests are built. Says so and ends
# well where there is no PostgreSQL and none can be had.
set -eu
tests=${1:-}
cd "$(dirname "$0")/../.."
. tests/services/postgres-server.sh
if ! postgres_find; then
  echo "skipped: it needs PostgreSQL 15 or newer (initdb, psql)"
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
