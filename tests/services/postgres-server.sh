# A private PostgreSQL for the scripts beside this one, which read this file:
#
#   . tests/services/postgres-server.sh
#   postgres_start FOLDER PORT [SETTING...]    # answers on 127.0.0.1:PORT; the user is `suho`
#   postgres_restart                           # as if the machine had lost its power
#   postgres_stop
#
# PostgreSQL does not run as root: whoever is root runs it as `postgres`.

# Finds PostgreSQL's programs; installs them where there are none and that is allowed.
postgres_find() {
  for B in "${POSTGRES_BIN:-}" $(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -rV) none; do
    [ ! -x "$B/initdb" ] || break
  done
  if [ "$B" = none ] && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    apt-get install -y -q --no-install-recommends postgresql > /dev/null 2>&1 || return 1
    B=$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -rV | head -1)
  fi
  [ -x "$B/initdb" ] && command -v psql > /dev/null
}

postgres_start() {
  postgres_folder=$1 postgres_port=$2
  shift 2
  postgres_options="-k $postgres_folder -p $postgres_port -c listen_addresses=127.0.0.1"
  for setting; do postgres_options="$postgres_options -c $setting"; done
  mkdir -p "$postgres_folder"
  postgres_as=
  if [ "$(id -u)" = 0 ]; then
    chown postgres: "$postgres_folder"
    postgres_as="setpriv --reuid=postgres --regid=postgres --clear-groups"
  fi
  $postgres_as "$B/initdb" -D "$postgres_folder/data" -U suho -A trust -E UTF8 --locale=C.UTF-8 \
    --no-sync > "$postgres_folder.log"
  $postgres_as "$B/pg_ctl" -D "$postgres_folder/data" -w -s -l "$postgres_folder/log" \
    -o "$postgres_options" start
}

postgres_restart() {
  $postgres_as "$B/pg_ctl" -D "$postgres_folder/data" -w -s -l "$postgres_folder/log" \
    -o "$postgres_options" -m immediate restart
}

postgres_stop() {
  $postgres_as "$B/pg_ctl" -D "$postgres_folder/data" -s -m immediate stop || true
}
