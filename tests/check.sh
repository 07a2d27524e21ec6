#!/bin/bash
# Runs all tests; called by `./quickstart check`, which installs what they need. The last line is "N
# passed, N failed, N skipped"; the exit status is 1 if any failed. Logs: var/check/log.
#   tests/check.sh [STEP...]       steps: see the end of this file; default: all
set -u
cd "$(dirname "$0")/.." || exit 2
# One MariaDB server for all tests: each test creates databases on it.
export PINTEMPO_TEST_MARIADBD='--max-connections=400 --innodb-buffer-pool-size=128M'
[ -n "${PINTEMPO_TEST_SOCKET:-}" ] || exec tests/with-db.sh tests/check.sh "$@"
top=$PWD
var=${PINTEMPO_VAR:-$top/var}/check
log=$var/log
jobs=$(nproc)
passed=0 failed=0 skipped=0
wanted=" $* "
mkdir -p "$log"
export PYTHONDONTWRITEBYTECODE=1
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=0:exitcode=66:second_deadlock_stack=1

# count LOG STATUS: counts TAP lines, or automake's summary; a program with neither counts as one.
count() {
    local p f s
    read -r p f s < <(awk '
        /^# (PASS|XFAIL): /      { p += $3; sum = 1 }
        /^# (FAIL|ERROR|XPASS):/ { f += $3; sum = 1 }
        /^# SKIP: /              { s += $3; sum = 1 }
        /^ok .*# SKIP/           { ts++; next }
        /^ok /                   { tp++ }
        /^not ok /               { tf++ }
        /^1\.\.0 # SKIP/         { ts++ }
        /^lint: .* ok \(/        { tp++ }
        /^lint: .* FAILED \(/    { tf++ }
        /^lint: .* skipped/  { ts++ }
        END { if (sum) print p + 0, f + 0, s + 0; else print tp + 0, tf + 0, ts + 0 }' "$1")
    if [ "$2" -eq 77 ] && [ $((p + f + s)) -eq 0 ]; then s=1
    elif [ "$2" -ne 0 ] && [ "$f" -eq 0 ] && [ "$2" -ne 77 ]; then f=1
    elif [ $((p + f + s)) -eq 0 ]; then p=1
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    tally="$p passed, $f failed, $s skipped"
    [ "$f" -eq 0 ]
}

log_of() { echo "$log/$(echo "$1" | tr ' /' '--').log"; }

# begin NAME COMMAND...: runs the command in a subshell with a separate log, and records its result.
begin() {
    local name=$1 out start=$SECONDS status
    shift
    out=$(log_of "$name")
    ("$@") > "$out" 2>&1
    status=$?
    echo "$status $((SECONDS - start))" > "$out.end"
    return $status
}

# report NAME: counts what begin ran, and shows the relevant output if it failed.
report() {
    local name=$1 out status took
    out=$(log_of "$name")
    read -r status took < "$out.end"
    if count "$out" "$status"; then
        printf '%-34s %s (%d s)\n' "$name" "$tally" "$took"
    else
        printf '%-34s %s (%d s)   %s\n' "$name" "$tally" "$took" "$out"
        { grep -v -E '^(PASS:|ok )' "$out" |
            grep -A 6 -E '^not ok|^FAIL|^ERROR|error:|Sanitizer|FAILED|WRONG|[Tt]raceback' || tail -25 "$out"; } |
            head -40 | sed 's/^/    /'
    fi
}

step() { # NAME COMMAND...
    local status
    begin "$@"
    status=$?
    report "$1"
    return $status
}

chosen() { [ "$wanted" = '  ' ] || [[ $wanted == *" $1 "* ]]; }

# build NAME CONFIGURE-ARGS...: builds everything including tests out of tree, in var/check/NAME.
build() {
    local dir=$var/$1
    shift
    [ -f configure ] && [ configure -nt configure.ac ] || ./autogen.sh || return
    mkdir -p "$dir" && cd "$dir" || return
    { [ -f config.status ] && [ config.status -nt "$top/configure" ]; } || "$top/configure" "$@" || return
    make -j "$jobs" all
}
plain() { build plain --enable-werror CFLAGS='-O2 -g'; }
asan() { build asan --enable-werror --enable-sanitizers CFLAGS='-O1 -g'; }
tsan() { build tsan --enable-werror --enable-sanitizers=thread CFLAGS='-O1 -g'; }
chaos_build() {
    build chaos --enable-werror --enable-crash-points CFLAGS='-O1 -g' && make tests/chaos/slow_resolver.so
}
# One short run, always the same; `make chaos` takes minutes and reaches every crash point.
chaos() { PINTEMPO_BUILD=$var/chaos timeout 180 python3 tests/chaos/chaos.py --seed ${TEST_SEED:-7} --seconds 8; }
units() { make -C "$var/$1" -j "$jobs" check; }
# As whoever builds runs them: root may read and write everything, so it has them built and run by user
# nobody, from a copy of the sources where that user can go.
user_units() {
    local dir status
    dir=$(mktemp -d /tmp/pintempo-check.XXXXXX) || return
    tar -c --exclude=./.git --exclude=./var --exclude=./build . | tar -x -C "$dir" && chown -R nobody: "$dir" &&
        setpriv --reuid=nobody --regid=nogroup --clear-groups env -u PINTEMPO_TEST_SOCKET HOME="$dir" \
            bash -ec 'mkdir -p "$HOME/build-user" && cd "$HOME/build-user"
                ../configure -q --enable-werror CFLAGS="-O2 -g"
                make -s -j "$0" all
                exec ../tests/with-db.sh make -j "$0" check' "$jobs"
    status=$?
    rm -rf "$dir"
    return $status
}

# Programs that measure time or load the whole machine: one at a time, and with the plain build
# only.
alone='api/test_etc.py api/test_servers.py e2e/test_due_time.py e2e/test_database_killed.py e2e/test_cron.py
    e2e/test_quickstart.sh load/test_fairness.py'
tests_alone() {
    local t
    for t in $alone; do step "plain ${t%.*}" run_test plain "tests/$t"; done
}

# The operator's command has one thread, and starts for every check: four minutes with tsan.
one_thread='e2e/test_config_check.py'

# tests BUILD FOLDER...: runs all other test programs of these folders with that build. They mostly
# wait, so several run at once.
tests() {
    local which=$1 dir t name width=$((jobs + 1)) names=()
    shift
    for dir in "$@"; do
        for t in tests/"$dir"/test_*.py tests/"$dir"/test_*.sh; do
            if [ ! -f "$t" ] || [[ " $alone " == *" ${t#tests/} "* ]]; then continue; fi
            if [ "$which" = tsan ] && [[ " $one_thread " == *" ${t#tests/} "* ]]; then continue; fi
            name="$which $(basename "$dir")/$(basename "${t%.*}")"
            while [ "$(jobs -rp | wc -l)" -ge "$width" ]; do wait -n; done
            begin "$name" run_test "$which" "$t" &
            names+=("$name")
        done
    done
    wait
    for name in "${names[@]}"; do report "$name"; done
}
run_test() {
    export PINTEMPO_BUILD=$var/$1
    [ "$1" = plain ] || export PINTEMPO_SLOW=3
    case $2 in
        *.py) timeout 600 python3 "$2" ;;
        *) timeout 600 bash "$2" ;;
    esac
}

chosen build && { step 'plain build' plain || exit 1; }
if chosen unit; then
    if [ "$(id -u)" -eq 0 ]; then step 'unit, as user nobody' user_units; else step 'plain unit' units plain; fi
fi
chosen api && tests_alone
# Lint computes while the tests wait.
chosen lint && begin 'lint' env CI=true tests/lint/lint.sh -b "$var/plain" &
# tests/load: thousands of pins, simulated clocks; too heavy for the instrumented builds.
chosen api && tests plain api sandbox e2e load security
chosen sdk && tests plain sdk conformance
wait
chosen lint && report 'lint'
chosen lint && step 'lint itself' tests/lint/test_lint.sh
if chosen asan; then
    step 'asan build' asan && {
        chosen dist || step 'asan unit' units asan # distcheck runs the unit tests with asan too
        tests asan api sandbox e2e
    }
fi
if chosen tsan; then
    step 'tsan build' tsan && tests tsan api e2e
fi
if chosen chaos; then
    step 'chaos build' chaos_build && step 'chaos' chaos
fi
chosen dist && step 'distcheck' make -C "$var/plain" -j "$jobs" distcheck

echo "$passed passed, $failed failed, $skipped skipped (${SECONDS} s)"
[ "$failed" -eq 0 ]
