#!/bin/bash
# quickstart as a newcomer meets it: refusals before anything is installed, two clones at once and a port that
# somebody else takes first, interrupts, a second run with a large database on a terminal of 80 columns. TAP.
set -u
cd "$(dirname "$0")/../.." || exit 2
dir=$(mktemp -d /tmp/ptq-XXXXXX) || exit 2
chmod 755 "$dir"
export PINTEMPO_VAR=$dir/a PINTEMPO_BUILD=${PINTEMPO_BUILD:-$PWD/build}
var=$PINTEMPO_VAR/quickstart
thief=
finish() {
    ./quickstart clean > /dev/null 2>&1
    PINTEMPO_VAR=$dir/b ./quickstart clean > /dev/null 2>&1
    if [ -n "$thief" ]; then kill "$thief" 2> /dev/null; fi
    rm -rf "$dir"
}
trap finish EXIT
n=0 failed=0
ok() { # ok STATUS NAME [FILE]
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else
        echo "not ok $n - $2"
        failed=1
        if [ -n "${3:-}" ]; then tail -40 "$3" | sed 's/^/# /'; fi
    fi
}
says() { # FILE TEXT NAME
    grep -qF -- "$2" "$1"
    ok $? "$3" "$1"
}

# --- refused before anything is done ----------------------------------------------------------------

for bad in ' ' '"' '#' '$' '&' "'" '`' ':' '\' $'\n' $'\t' '('; do
    place="$dir/x${bad}y"
    mkdir "$place" && cp quickstart "$place/"
    (cd "$place" && env -u PINTEMPO_VAR -u PINTEMPO_BUILD ./quickstart) > "$dir/out" 2>&1
    [ $? -eq 1 ] && grep -q '^quickstart: this folder has .* in its path' "$dir/out" && [ "$(ls "$place")" = quickstart ]
    ok $? "a folder with $(printf %q "$bad") in its path is refused first" "$dir/out"
done
PINTEMPO_BUILD="$dir/my build" ./quickstart > "$dir/out" 2>&1
says "$dir/out" 'PINTEMPO_BUILD has a blank in its path' 'so is a build folder with a blank'
place=$dir/josé.d+1@x,y~z=%
mkdir "$place" && cp quickstart "$place/"
# It goes on until it misses what was not copied.
(cd "$place" && env -u PINTEMPO_VAR -u PINTEMPO_BUILD ./quickstart) > "$dir/out" 2>&1
! grep -q 'in its path' "$dir/out"
ok $? 'letters of other languages and harmless marks are accepted' "$dir/out"

./quickstart help > "$dir/out"
for word in PINTEMPO_VAR PINTEMPO_BUILD NO_COLOR --server stop clean check; do
    says "$dir/out" "$word" "help names $word"
done

if [ "$(id -u)" -eq 0 ]; then
    mkdir "$dir/readonly" && cp -r quickstart etc "$dir/readonly/"
    chmod 755 "$dir/readonly"
    (cd "$dir/readonly" && setpriv --reuid=nobody --regid=nogroup --clear-groups \
        env -u PINTEMPO_VAR -u PINTEMPO_BUILD ./quickstart) > "$dir/out" 2>&1
    [ $? -eq 1 ] && grep -q 'cannot be written by you (nobody)' "$dir/out"
    ok $? 'a source folder that cannot be written is refused' "$dir/out"
    says "$dir/out" 'PINTEMPO_BUILD=DIR PINTEMPO_VAR=DIR ./quickstart' '... and the way out is named'
    printf '#!/bin/sh\necho "made in $PWD"\nexit 1\n' > "$dir/readonly/autogen.sh"
    chmod 755 "$dir/readonly/autogen.sh"
    mkdir "$dir/theirs" && chown nobody "$dir/theirs"
    (cd "$dir/readonly" && setpriv --reuid=nobody --regid=nogroup --clear-groups \
        env PINTEMPO_VAR="$dir/theirs/v" PINTEMPO_BUILD="$dir/theirs/b" ./quickstart) > "$dir/out" 2>&1
    says "$dir/out" "made in $dir/theirs/b/source" '... configure is then made in a copy'
fi

# A machine without sudo where a package is missing, as an ordinary user.
mkdir "$dir/bin"
ln -s /usr/bin/* /bin/* "$dir/bin/" 2> /dev/null
rm -f "$dir/bin/sudo" "$dir/bin/id" "$dir/bin/dpkg-query"
printf '#!/bin/sh\n[ "$1" = -u ] && echo 1000 || echo you\n' > "$dir/bin/id"
printf '#!/bin/sh\ncase $* in *lighttpd*) exit 1 ;; esac; echo installed\n' > "$dir/bin/dpkg-query"
chmod 755 "$dir/bin/id" "$dir/bin/dpkg-query"
PATH=$dir/bin ./quickstart > "$dir/out" 2>&1
[ $? -eq 1 ] && grep -q '^As root: apt-get install --no-install-recommends lighttpd$' "$dir/out" &&
    ! grep -q -i 'installing' "$dir/out"
ok $? 'without sudo it says what root has to install, and does not claim to install it' "$dir/out"

# --- two at once, and a port taken between the look and the bind ------------------------------------

# Whoever starts lighttpd first finds that a stranger has just taken its port, and answers there.
rm -rf "$dir/bin" && mkdir "$dir/bin"
cat > "$dir/bin/lighttpd" << END
#!/bin/bash
if mkdir "$dir/stolen" 2> /dev/null; then
    port=\$(sed -n 's/^server.port = //p' "\${@: -1}")
    echo "\$port" > "$dir/stolen/port"
    setsid python3 -m http.server "\$port" --bind 127.0.0.1 --directory "$dir/stolen" > "$dir/stolen.log" 2>&1 < /dev/null &
    echo \$! > "$dir/stolen/pid"
    until curl -s -o /dev/null "http://127.0.0.1:\$port/"; do kill -0 \$! || exit 1; done
fi
exec $(PATH=$PATH:/usr/sbin command -v lighttpd) "\$@"
END
chmod 755 "$dir/bin/lighttpd"
PINTEMPO_VAR=$dir/b ./quickstart --server=apache > "$dir/out.b" 2>&1 &
other=$!
PATH=$dir/bin:$PATH ./quickstart --server=lighttpd > "$dir/out" 2>&1
ok $? 'quickstart behind lighttpd, on a port that a stranger took first' "$dir/out"
wait $other
ok $? 'another one at the same time, behind Apache' "$dir/out.b"
thief=$(cat "$dir/stolen/pid")
[ "$(cat "$var/port")" != "$(cat "$dir/stolen/port")" ] && [ "$(cat "$var/port")" != "$(cat "$dir/b/quickstart/port")" ]
ok $? 'each has a port of its own'
! grep -E '"(POST|GET /v1|GET /readyz)' "$dir/stolen.log"
ok $? 'the stranger was not used' "$dir/stolen.log"
for out in "$dir/out" "$dir/out.b"; do
    grep -q '^10 published, 2 failed as expected, 12 of 12 webhooks verified$' "$out"
    ok $? 'the summary counts every pin and webhook' "$out"
done
grep -qE 'lateness .*p50 [0-9]+ ms, max [0-9]+ ms' "$dir/out"
ok $? 'the summary states the lateness' "$dir/out"
grep -qE '^building in .*: done in [0-9]+ s$' "$dir/out" && grep -qE '^starting .*: done in [0-9]+ s$' "$dir/out"
ok $? 'phases without output say how long they took' "$dir/out"
! grep -q $'\033' "$dir/out"
ok $? 'a file gets no colours'

# --- what it leaves ----------------------------------------------------------------------------------

# shellcheck source=/dev/null
. "$var/env"
first=$PINTEMPO_EMAIL key=$PINTEMPO_API_KEY
for name in URL API_KEY EMAIL PASSWORD ACCOUNT_ID BOARD_ID IMAGE_URL DB_SOCKET CONF KEY_FILE; do
    eval "[ -n \"\${PINTEMPO_$name:-}\" ]"
    ok $? "env has PINTEMPO_$name"
done
[ "$(curl -s -o /dev/null -w '%{http_code}' -H @"$var/key.header" "$PINTEMPO_URL/v1/pins")" = 200 ]
ok $? 'the key works with curl'
[ "$(curl -s -o /dev/null -w '%{content_type}' "$PINTEMPO_IMAGE_URL")" = image/png ]
ok $? 'the sample image is served'
./quickstart status > "$dir/status"
ok $? 'status shows everything running' "$dir/status"
mkdir -p "$dir/c/quickstart"
cp "$var"/*.pid "$var/place" "$var/run.path" "$dir/c/quickstart/"
echo "build $dir/not-ours" > "$dir/c/quickstart/made" && mkdir "$dir/not-ours"
PINTEMPO_VAR=$dir/c ./quickstart status > "$dir/status"
[ $? -eq 3 ] && PINTEMPO_VAR=$dir/c ./quickstart clean && ./quickstart status > "$dir/status" && [ -d "$dir/not-ours" ]
ok $? 'a copy of its data does not take its processes and folders for its own' "$dir/status"
printf '%s\n' "$key" "$PINTEMPO_PASSWORD" > "$dir/secrets"
! cat /proc/[0-9]*/cmdline 2> /dev/null | tr '\0' '\n' | grep -qF -f "$dir/secrets"
ok $? 'no key appears on a command line'
! grep -rqF -f "$dir/secrets" "$var/log"
ok $? 'no key or password appears in a log'
# What it advises to try, as it stands there.
sed -n '/Try:$/,/^\.\/quickstart stop/p' "$dir/out" | sed '1d;$d' > "$dir/tries"
# (status may say 1, "look".)
(unset "${!PINTEMPO_@}" && bash "$dir/tries") > "$dir/tried" 2>&1
grep -q '"title":"Mine"' "$dir/tried" && grep -q '"tokens_available"' "$dir/tried" && [ -z "$(tail -c 1 "$dir/tried")" ]
ok $? 'the requests to try work, and end their output with a line break' "$dir/tried"
grep -q '^LANES' "$dir/tried" && grep -q 'media_url_unreachable\|resource_not_found' "$dir/tried"
ok $? '... and so do status and why' "$dir/tried"
[ "$(awk 'length > 80' "$dir/tries" | wc -l)" -eq 0 ]
ok $? '... and fit 80 columns' "$dir/tries"

# --- interrupts --------------------------------------------------------------------------------------

# In a session of its own, where Ctrl-C is not ignored as it is for jobs of a script.
aside() { exec python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.setsid()
os.execvp(sys.argv[1], sys.argv[1:])' "$@"; }
: > "$dir/out.walk" > "$dir/out.start"
PINTEMPO_VAR=$dir/b aside ./quickstart --server=apache > "$dir/out.walk" 2>&1 &
other=$!
until grep -q '^imported campaign' "$dir/out.walk"; do kill -0 $other || break; done
PINTEMPO_VAR=$dir/b ./quickstart > "$dir/refused" 2>&1
[ $? -eq 1 ] && grep -q 'another ./quickstart is at work in this clone' "$dir/refused"
ok $? 'a second one in the same clone is refused' "$dir/refused"
kill -INT -- -$other
wait $other
is=$?
[ $is -eq 130 ] && grep -q 'Interrupted; the system keeps running' "$dir/out.walk" && PINTEMPO_VAR=$dir/b ./quickstart status > /dev/null
ok $? "Ctrl-C during the campaign says that the system keeps running ($is)" "$dir/out.walk"
PINTEMPO_VAR=$dir/b aside ./quickstart --server=apache > "$dir/out.start" 2>&1 &
other=$!
until grep -q '^starting database' "$dir/out.start"; do kill -0 $other || break; done
kill -INT -- -$other
wait $other
is=$?
PINTEMPO_VAR=$dir/b ./quickstart status > /dev/null
[ $? -eq 3 ] && [ $is -eq 130 ] && grep -q '^Nothing runs. ./quickstart starts it again' "$dir/out.start"
ok $? "Ctrl-C while starting stops what was started, and says so ($is)" "$dir/out.start"

# --- the second run: thousands of schedules, 80 columns ----------------------------------------------

python3 - << 'END'
import json, os, time, urllib.request
def call(path, body=None):
    head = {"X-API-Key": os.environ["PINTEMPO_API_KEY"], "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body else None
    with urllib.request.urlopen(urllib.request.Request(os.environ["PINTEMPO_URL"] + path, data, head)) as r:
        return json.load(r)
jobs = []
for block in range(6):
    rows = [{"account_id": os.environ["PINTEMPO_ACCOUNT_ID"], "board_id": os.environ["PINTEMPO_BOARD_ID"],
             "title": f"Later {block} {i}", "image_url": os.environ["PINTEMPO_IMAGE_URL"],
             "idempotency_key": f"later-{block}-{i}", "run_at": "2041-01-01T00:00:00Z"} for i in range(500)]
    jobs.append(call("/v1/pins/imports/json", rows)["id"])
for job in jobs:
    while call(f"/v1/pins/imports/{job}")["status"] in ("queued", "processing"):
        pass
END
NO_COLOR=1 python3 tests/e2e/terminal.py 80 30 "$dir/raw" ./quickstart --server=apache > "$dir/screen" 2>&1
ok $? 'a second run behind Apache, with the data of the first and 3,000 more schedules' "$dir/screen"
# shellcheck source=/dev/null
. "$var/env"
[ "$first" = "$PINTEMPO_EMAIL" ] && [ "$key" = "$PINTEMPO_API_KEY" ]
ok $? 'it uses the same account and key'
total=$(curl -s -D - -o /dev/null -H @"$var/key.header" "$PINTEMPO_URL/v1/schedules" | tr -d '\r' |
    sed -n 's/^X-Total-Count: //Ip')
[ "$total" = 3024 ]
ok $? "all campaigns exist (${total:-no} schedules)"
grep -q '^UTC  *BOARD  *STATUS  *PIN OR REASON$' "$dir/screen"
ok $? 'the table has a header that says UTC' "$dir/screen"
[ "$(grep -cE '^[0-9:]{8} .* published  *[0-9]{18}$' "$dir/screen")" -eq 10 ]
ok $? 'a row shows the whole id of its pin' "$dir/screen"
grep -qE ' failed, expected  *media_url_unreachable$' "$dir/screen" && grep -qE ' failed, expected  *resource_not_found$' "$dir/screen"
ok $? 'a failure shows its whole reason, and that it is expected' "$dir/screen"
most=$(sed -n 's/^WIDEST //p' "$dir/screen")
[ "${most:-99}" -le 80 ]
ok $? "nothing is wider than 80 columns ($most)" "$dir/screen"
grep -qE '^building in .* \.\.\. [0-9]+ s$' "$dir/screen" && grep -qE '^starting .* \.\.\. [0-9]+ s$' "$dir/screen"
ok $? 'silent phases count their seconds' "$dir/screen"
! grep -q $'\033\[[0-9]*m' "$dir/raw"
ok $? 'NO_COLOR is honoured'

# --- stop and clean ------------------------------------------------------------------------------------

pids=$(cut -d' ' -f1 "$var"/*.pid)
./quickstart stop
ok $? stop
left=
for pid in $pids; do [ -d "/proc/$pid" ] && ! grep -q '^State:.Z' "/proc/$pid/status" && left="$left $pid"; done
[ -z "$left" ]
ok $? "no process is left after stop$left"
./quickstart status > /dev/null
[ $? -eq 3 ]
ok $? 'status shows nothing running after stop'
run=$(cat "$var/run.path")
./quickstart clean
[ ! -e "$var" ] && [ ! -e "$run" ]
ok $? 'clean removes everything that quickstart made'
echo "1..$n"
exit $failed
