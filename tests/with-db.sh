#!/bin/bash
# Runs a command with a temporary MariaDB server: unix socket only, user root without a password,
# everything in a temporary directory that is deleted afterwards.
#   tests/with-db.sh COMMAND [ARGUMENT...]     (the socket's path is in PINTEMPO_TEST_SOCKET)
# PINTEMPO_TEST_MARIADBD may hold options for the server. Exit status: the command's; 77 if mariadbd
# is missing; 99 if it does not start. If PINTEMPO_TEST_SOCKET is already set, that server is used.
set -u

if [ -n "${PINTEMPO_TEST_SOCKET:-}" ]; then
    exec "$@"
fi
PATH=$PATH:/usr/sbin:/usr/local/sbin
for need in mariadbd mariadb-install-db; do
    if ! command -v "$need" > /dev/null; then
        echo "1..0 # SKIP $need is not installed"
        exit "${PINTEMPO_SKIP_STATUS:-77}"
    fi
done

dir=$(mktemp -d "${TMPDIR:-/tmp}/pintempo-db.XXXXXX") || exit 99
server=
stop() {
    if [ -n "$server" ]; then
        # No data is worth a clean shutdown.
        kill -9 "$server" 2> /dev/null
        wait "$server" 2> /dev/null
    fi
    rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

as_user=()
[ "$(id -u)" = 0 ] && as_user=(--user=root)

if ! mariadb-install-db --no-defaults --datadir="$dir/data" --tmpdir="$dir" --skip-test-db --skip-name-resolve \
    --auth-root-authentication-method=normal --cross-bootstrap "${as_user[@]}" \
    > "$dir/install.log" 2>&1; then
    cat "$dir/install.log" >&2
    exit 99
fi
# shellcheck disable=SC2086
mariadbd --no-defaults --datadir="$dir/data" --tmpdir="$dir" --socket="$dir/s" --pid-file="$dir/pid" \
    --skip-networking --innodb-buffer-pool-size=32M --innodb-log-file-size=16M --key-buffer-size=1M \
    --performance-schema=OFF --skip-log-bin --innodb-flush-log-at-trx-commit=0 \
    --innodb-doublewrite=0 --max-connections=100 "${as_user[@]}" ${PINTEMPO_TEST_MARIADBD:-} \
    > "$dir/server.log" 2>&1 &
server=$!

# The server is ready when a login succeeds.
tries=0 poll_s=0.05
until mariadb --no-defaults --socket="$dir/s" --user=root --execute='DO 0' > /dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ] || ! kill -0 "$server" 2> /dev/null; then
        cat "$dir/server.log" >&2
        exit 99
    fi
    sleep "$poll_s"
done

PINTEMPO_TEST_SOCKET=$dir/s "$@"
