#!/bin/sh
# Runs a command with YUMEN_TEST_POSTGRES naming a throw-away PostgreSQL server
# on loopback, and takes the server down afterwards. With a server already
# named, or none installed, the command runs as it is.
#
#   testkit/with-postgres.sh go test ./...
set -eu
[ -z "${YUMEN_TEST_POSTGRES:-}" ] || exec "$@"
bin=
for b in /usr/lib/postgresql/*/bin /usr/local/pgsql/bin; do [ -x "$b/initdb" ] && bin=$b; done
if [ -z "$bin" ]; then
	echo "PostgreSQL is not installed: its half of the storage tests is skipped (apt-get install postgresql)"
	exec "$@"
fi
dir=$(mktemp -d)
port=$(( 20000 + $$ % 12000 )) # below those the system gives to outgoing connections
as= # PostgreSQL refuses to run as root
if [ "$(id -u)" = 0 ]; then
	chown postgres "$dir"
	as="setpriv --reuid=postgres --regid=postgres --clear-groups"
fi
$as "$bin/initdb" -D "$dir/data" -A trust -U postgres -E UTF8 --no-sync >"$dir.log" 2>&1 || { cat "$dir.log"; exit 1; }
for try in 1 2 3 4 5; do # somebody else may listen on a port already
	$as "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" \
		-o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=300" start >>"$dir.log" 2>&1 && break
	[ $try -lt 5 ] || { cat "$dir.log" "$dir/log"; exit 1; }
	port=$(( 20000 + (port - 20000 + 37 * try) % 12000 ))
done
stop() { $as "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$dir" "$dir.log"; }
trap stop EXIT
trap 'exit 130' INT TERM
YUMEN_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres?sslmode=disable"
export YUMEN_TEST_POSTGRES
"$@"
