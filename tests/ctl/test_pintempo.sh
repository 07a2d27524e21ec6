#!/bin/bash
# The operator's command from an empty server to a first key: init (twice), migrate (concurrently, several
# times), users, keys, invitations, status, why, pause, and its error messages.
set -u
top=$(cd "${top_srcdir:-.}" && pwd)
export top_srcdir=$top
if [ -z "${PINTEMPO_TEST_SOCKET:-}" ]; then
    PINTEMPO_SKIP_STATUS=0 exec "$top/tests/with-db.sh" "$0" "$@"
fi
pintempo=$(cd "${top_builddir:-.}" && pwd)/pintempo
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
conf=$dir/pintempo.conf
n=0 failed=0

ok() { # STATUS NAME
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        sed 's/^/# /' "$dir/out"
        failed=1
    fi
}
run() { "$pintempo" -c "$conf" "$@" > "$dir/out" 2>&1; }
is() { [ "$1" = "$2" ]; ok $? "$3 ($1)"; }
says() { grep -q -- "$1" "$dir/out"; ok $? "says: $1"; }
sql() { mariadb --no-defaults -N -u root --socket="$PINTEMPO_TEST_SOCKET" "ctl_$$" -e "$1"; }

run status; is $? 2 'status without a configuration is broken'
says '^BROKEN .*the configuration .* cannot be used'
run why x; is $? 1 'why without a configuration fails'
says 'cannot be opened'

run init; is $? 1 'init without a configuration or URL fails'
says 'pintempo init --url URL'
run init --url nonsense; is $? 1 'init with an invalid URL fails'
run init --url https://pins.example.com/ --socket "$dir/none.sock"; is $? 1 'init without a database fails'
run config print; is $? 0 'the configuration written by init is valid'
is "$(grep -c '^public_url = https://pins.example.com$' "$conf")" 1 'the configuration has the given URL'
is "$(stat -c %a "$dir/sandbox-secret")" 600 'init writes a secret for the simulator'
cat > "$conf" << X
[instance]
# Where nobody answers: a program that happens to listen must not be asked.
public_url = http://127.0.0.1:1
key_file = $dir/key
registration = invite
[database]
socket = $PINTEMPO_TEST_SOCKET
name = ctl_$$
sandbox_name = ctl_sandbox_$$
migrate_user = root
app_user = app_$$
app_password_file = $dir/app.password
worker_user = worker_$$
worker_password_file = $dir/worker.password
ctl_user = ctl_$$
ctl_password_file = $dir/ctl.password ; read by people
sandbox_user = sandbox_$$
sandbox_password_file = $dir/sandbox.password
X
run init --owner; is $? 2 'an option without its value is a usage error'
echo short > "$dir/in"
run init --owner me@example.com < "$dir/in"; is $? 1 'init with a short password fails'
says '8 to 255 characters'
echo 'a long password' > "$dir/in"
run init --owner Me@Example.com < "$dir/in"; is $? 0 'init runs again'
says 'me@example.com'
is "$(stat -c %a "$dir/app.password" "$dir/worker.password" "$dir/ctl.password" "$dir/sandbox.password" | sort -u)" 600 \
    'password files are readable by their owner only'
is "$(stat -c %a "$dir/key")" 640 'the instance key is readable by its group'
before=$(cat "$dir"/*.password "$dir/key" | cksum)
run init --owner me@example.com < /dev/null; is $? 0 'init runs a third time'
says 'none was created'
is "$(cat "$dir"/*.password "$dir/key" | cksum)" "$before" 'a repeated init keeps the secrets'
is "$(sql 'SELECT COUNT(*) FROM users')" 1 'one user exists'
is "$(sql 'SELECT role FROM memberships')" owner 'the user is an owner'

# the instance key: never a new one over what another one sealed
fingerprint() { sql 'SELECT HEX(fingerprint) FROM instance_keys ORDER BY key_id'; }
number=$(cut -d ' ' -f 1 "$dir/key")
is "$(sql 'SELECT key_id FROM instance_keys')" "$number" 'init notes the fingerprint of the key'
cp -p "$dir/key" "$dir/key.right"
rm "$dir/key"
run init < /dev/null; is $? 0 'a lost key that sealed nothing is replaced'
says 'created'
is "$(sql 'SELECT COUNT(*) FROM instance_keys')" 1 'and its fingerprint forgotten'
mv "$dir/key.right" "$dir/key"
run init < /dev/null; is $? 0 'a key file of another origin is taken while nothing is sealed'
seal() { # KEY NUMBER: bytes that begin as a sealed value does
    printf '01%08X%s' "$1" "$(printf 'AB%.0s' {1..60})"
}
sealed() { sql "SELECT CONCAT(COALESCE(HEX(access_sealed), '-'), ' ', health, ' ', COALESCE(health_code, '-')) FROM pinterest_accounts"; }
sql "INSERT INTO webhooks (id, project_id, shard, url, secret_sealed, events, created_at, updated_at)
    SELECT id, id, 1, 'https://example.com/', X'$(seal "$number")', 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM projects"
refuses() { # WHY: init in this state changes neither key nor database
    local key before
    key=$(cat "$dir/key" 2> /dev/null)
    before=$(fingerprint)
    run init < /dev/null; is $? 1 "init refuses: $1"
    says "$1"
    says 'none is made'
    says 'init --replace-key'
    is "$(cat "$dir/key" 2> /dev/null)" "$key" 'and leaves the key file alone'
    is "$(fingerprint)" "$before" 'and the fingerprint'
}
mv "$dir/key" "$dir/key.right"
refuses 'does not exist'
: > "$dir/key"; chmod 640 "$dir/key"; refuses 'no key in it'
echo nonsense > "$dir/key"; chmod 640 "$dir/key"; refuses 'line 1: not'
cp "$dir/key.right" "$dir/key"; chmod 644 "$dir/key"; refuses 'everybody can read it'
chmod 640 "$dir/key"
echo "7 $(head -c 32 /dev/zero | base64)" > "$dir/key"; refuses 'is not the instance key of this database'
echo "$number $(head -c 32 /dev/zero | base64)" > "$dir/key"; refuses "is not the key $number that this database knows"
run status; says '^BROKEN .*the programs do not start'
{ cat "$dir/key.right"; echo "7 $(head -c 32 /dev/zero | base64)"; } > "$dir/key"
run init < /dev/null; is $? 0 'a new key beside the old one is a rotation'
is "$(sql 'SELECT COUNT(*) FROM instance_keys')" 2 'and is noted'
run status; is "$(grep -c 'do not start' "$dir/out")" 0 'status has no line about a right key'
tail -n 1 "$dir/key" > "$dir/key.7"; cp "$dir/key.7" "$dir/key"
refuses "key $number is missing in"
says 'and 1 tokens or webhook secrets'
run status; says "^BROKEN .*key $number is missing"
run init --replace-key=yes; is $? 2 'an option without value refuses one'
run init --replace-key < /dev/null; is $? 0 'what only the lost key opened is given up when asked'
says 'given up 0 accounts'
says '1 webhooks'
is "$(cat "$dir/key")" "$(cat "$dir/key.7")" 'a key that still opens something is kept'
is "$(sql 'SELECT CONCAT(is_enabled, disabled_reason, secret_sealed) FROM webhooks')" 0secret_lost 'its webhook is disabled'
run init --replace-key < /dev/null; is $? 1 'a right key is never replaced'
says 'is right'
sql "UPDATE webhooks SET secret_sealed = X'$(seal 7)', is_enabled = 1"
rm "$dir/key"
run init --replace-key < /dev/null; is $? 0 'a lost key is replaced when asked'
says '1 webhooks'
run init < /dev/null; is $? 0 'and all is well again'
sql "DELETE FROM webhooks; INSERT INTO idempotency_keys (project_id, kind, idem_key, body_hash, status, reply_sealed, created_at)
    SELECT id, 2, 'k', REPEAT('x', 32), 200, X'$(seal 9)', UTC_TIMESTAMP(6) FROM projects"
mv "$dir/key" "$dir/key.right"
refuses 'does not exist'
says 'stored replies'
mv "$dir/key.right" "$dir/key"

sql "DROP DATABASE ctl_$$; CREATE DATABASE ctl_$$ CHARACTER SET utf8mb4"
run status; is $? 2 'status of an empty database is broken'
says 'run: pintempo init'
pids=()
for i in 1 2 3; do
    "$pintempo" -c "$conf" migrate > "$dir/out" 2>&1 &
    pids+=($!)
done
rc=0
for i in "${pids[@]}"; do wait "$i" || rc=1; done
is $rc 0 'three concurrent migrations succeed'
is "$(sql 'SELECT COUNT(*) = MAX(version) FROM schema_versions')" 1 'each migration ran once'
sql 'INSERT INTO schema_versions VALUES (9999, "later", UTC_TIMESTAMP(6))'
run status; is $? 2 'a schema newer than the program is broken'
says 'upgrade this program'
sql 'DELETE FROM schema_versions WHERE version = 9999'
run init < /dev/null; is $? 0 'init grants rights on new tables'

run user add someone@example.com --name 'Some One' < "$dir/in"; is $? 0 'user add creates a user'
project=$(awk '$1 == "project" { print $2 }' "$dir/out")
run user add SOMEONE@example.com < "$dir/in"; is $? 1 'user add with an existing address fails'
says 'already exists'
run user add nobody < "$dir/in"; is $? 1 'user add without an @ fails'
run user add nobody@localhost < "$dir/in"; is $? 1 'user add with an address that cannot log in fails'
key=$("$pintempo" -c "$conf" key add --project "$project" --name first 2> /dev/null)
is $? 0 'a key'
[[ $key =~ ^pb_live_[A-Za-z0-9_-]{43}$ ]]; ok $? 'key add prints a live key for a production project'
is "$(sql "SELECT COUNT(*) FROM api_keys WHERE key_hash = UNHEX(SHA2('$key', 256)) AND scopes = 3")" 1 'key add stores the key hash'
sql 'UPDATE projects SET environment = 1'
key=$("$pintempo" -c "$conf" key add --project "$project" --name second --scopes=read 2> /dev/null)
[[ $key =~ ^pb_test_ ]]; ok $? 'key add prints a test key for a sandbox project'
run key add --project "$project" --name x --scopes all; is $? 1 'key add with an unknown scope fails'
run key add --project 00000000-0000-7000-8000-000000000000 --name x; is $? 1 'key add with an unknown project fails'
run key add --name x; is $? 2 'key add without a project is a usage error'
run invite a@example.com; is $? 0 'invite succeeds'
token=$(grep "^pbi_" "$dir/out")
is "$(sql "SELECT email FROM invitations WHERE token_hash = UNHEX(SHA2('$token', 256))")" a@example.com 'invite stores the token hash with the address'

id=0190000000007000800000000000000
sql "INSERT INTO lanes (id, environment, pinterest_user_id, shard, next_turn_at, hold_until, hold_code, created_at)
        VALUES (X'${id}1', 1, 'u', 7, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 1 HOUR, 3, UTC_TIMESTAMP(6));
    INSERT INTO pinterest_accounts (id, project_id, lane_id, shard, pinterest_user_id, scopes, created_at, updated_at)
        SELECT X'${id}2', id, X'${id}1', 7, 'u', '', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM projects LIMIT 1;
    INSERT INTO schedules (id, project_id, account_id, lane_id, shard, state, run_at, not_after, board_id, title,
        pin_id, created_at, updated_at) SELECT X'${id}3', project_id, id, lane_id, 7, 1, UTC_TIMESTAMP(6),
        UTC_TIMESTAMP(6) + INTERVAL 1 DAY, '1', 'the title', X'${id}4', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)
        FROM pinterest_accounts;
    INSERT INTO pins (id, project_id, account_id, lane_id, shard, schedule_id, state, run_at, not_after, due_at,
        deadline_at, board_id, title, text_hash, idempotency_key, created_at, updated_at)
        SELECT X'${id}4', project_id, account_id, lane_id, shard, id, 1, run_at, not_after, run_at, not_after, '1',
        title, REPEAT('x', 32), 'k', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM schedules;
    INSERT INTO attempts (pin_id, number, project_id, lane_id, worker_id, account_id, opened_at, gate_at, closed_at, snapshot,
        outcome, http_status, pinterest_code, message) SELECT id, 1, project_id, lane_id, id, account_id,
        UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), '{}', 1, 429, 8, 'slow down' FROM pins"
# an account whose token another key sealed
sql "UPDATE pinterest_accounts SET access_sealed = X'$(seal 9)', refresh_at = UTC_TIMESTAMP(6)"
mv "$dir/key" "$dir/key.right"
refuses 'does not exist'
run init --replace-key < /dev/null; is $? 0 'the lost key of an account is replaced when asked'
says 'given up 1 accounts'
is "$(sealed)" '- 1 token_revoked' 'its owner has to connect the account again'
mv "$dir/key.right" "$dir/key"
run init < /dev/null
sql "UPDATE pinterest_accounts SET health = 0, health_code = NULL"
# the headline and the exit code: 0 well, 1 look, 2 broken
run status; is $? 2 'status without a worker is broken'
says '^BROKEN .*No worker runs: nothing is published'
is "$(head -n 1 "$dir/out" | cut -c 1-6)" BROKEN 'the first line is the headline'
worker() { # NUMBER SEEN STOPPED EXPECTED
    sql "INSERT INTO workers (id, host_id, pid, resident, version, started_at, seen_at, stopped_at, expected_at) VALUES
        (X'${id}a$1', X'${id}aa', $1, IF($4 IS NULL, 1, 0), '0.1.0', $2, $2, $3, $4)" 2> "$dir/out"
}
id=${id%?}
now='UTC_TIMESTAMP(6)'
worker 1 "$now - INTERVAL 5 DAY" "$now - INTERVAL 5 DAY" NULL
run status; is $? 2 'a worker that is gone is none'
says '^BROKEN .*the last was seen 5 d ago'
says '^WORKER  *none in the last hour'
worker 2 "$now - INTERVAL 4 MINUTE" NULL NULL
run status; is $? 2 'a silent worker is none'
says '^BROKEN .*one is silent'
says '^2  *SILENT'
worker 3 "$now - INTERVAL 50 SECOND" "$now - INTERVAL 50 SECOND" "$now + INTERVAL 60 SECOND"
sql "DELETE FROM workers WHERE pid = 2"
run status --json
grep -q '"code":"disk"' "$dir/out" && well=1 || well=0 # a machine whose disk is nearly full is never well
run status; is $? $well 'a run of cron that is expected is enough'
worker 4 "$now" NULL NULL
worker 5 "$now - INTERVAL 20 MINUTE" "$now - INTERVAL 20 MINUTE" NULL
sql "DELETE FROM workers WHERE pid = 3"
run status; is $? $well 'status with a worker is well'
if [ $well = 0 ]; then says '^WELL '; fi
says '^4  *alive'
is "$(grep -c stopped "$dir/out")" 0 'workers that stopped are not shown beside one that lives'
level() { # LEVEL WHAT CHANGE UNDO
    [ "$1" != 0 ] || set -- $well "${@:2}"
    sql "UPDATE workers SET seen_at = $now WHERE pid = 4; UPDATE lanes SET next_turn_at = $now; $3" && run status
    is $? "$1" "$2"
    run status --json
    grep -q '^{"status":"'"$(echo well look broken | cut -d ' ' -f $(($1 + 1)))"'"' "$dir/out"; ok $? 'and in JSON'
    run status
    sql "$4"
}
level 1 'a silent worker beside a live one is to be looked at' "UPDATE workers SET stopped_at = NULL WHERE pid = 5" \
    "DELETE FROM workers WHERE pid = 5"
says '^LOOK .*silent'
level 2 'a stopped app is broken' "UPDATE apps SET stopped_at = $now, message = 'consumer type' WHERE environment = 0" \
    'UPDATE apps SET stopped_at = NULL'
says '^BROKEN .*production is STOPPED: consumer type'
level 1 'something else that answered is to be looked at' \
    "UPDATE apps SET foreign_at = $now, foreign_message = '404 text/html' WHERE environment = 0" \
    'UPDATE apps SET foreign_at = NULL'
says '^LOOK .*NOT PINTEREST answered for production .*404 text/html'
level 1 'a held app is to be looked at' "UPDATE apps SET hold_until = $now + INTERVAL 1 HOUR WHERE environment = 1" \
    'UPDATE apps SET hold_until = NULL'
level 2 'a lane that nobody serves is broken' "UPDATE lanes SET next_turn_at = $now - INTERVAL 3 MINUTE" \
    "UPDATE lanes SET next_turn_at = $now + INTERVAL 1 HOUR"
says '^BROKEN .*Pins are due and not sent'
level 2 'schedules that nobody takes up are broken' "UPDATE schedules SET due_at = $now - INTERVAL 3 MINUTE" \
    'UPDATE schedules SET due_at = NULL'
says '^BROKEN .*1 schedule is due'
level 2 'a token that the key does not open is broken' 'UPDATE lanes SET hold_code = 15' 'UPDATE lanes SET hold_code = 3'
says '^BROKEN .*does not open'
level 1 'Pinterest that does not answer is to be looked at' 'UPDATE lanes SET hold_code = 5; UPDATE projects SET environment = 0' \
    'UPDATE projects SET environment = 1'
level 0 'in the sandbox it is a note' 'SELECT 1' 'UPDATE lanes SET hold_code = 3'
says '^NOTE .*Pinterest does not answer in the sandbox'
level 0 'an account to connect again is a note' \
    "UPDATE pinterest_accounts SET health = 1, health_code = 'token_revoked', username = 'shop', health_checked_at = $now" \
    'UPDATE pinterest_accounts SET health = 0, health_code = NULL'
says '^NOTE .*1 account has to be connected again'
says '^RECONNECT '
says '@shop of "Production"'
hooks() { # NUMBER ID PROJECT "FAILING_SINCE, LAST_ERROR": webhooks that were tried a minute ago
    sql "INSERT INTO webhooks (id, project_id, shard, url, secret_sealed, events, consecutive_failures, last_attempt_at,
        failing_since, last_error, created_at, updated_at) SELECT UNHEX(CONCAT('${id:0:26}$2', LPAD(HEX(seq), 4, '0'))), $3,
        1, 'https://hook.example/secret-path', '', 1, 100 + seq, $now - INTERVAL 1 MINUTE, $4, $now, $now FROM seq_1_to_$1"
}
fails="$now, 'The endpoint answered 500.'"
sql "INSERT INTO projects (id, organization_id, name, environment, created_at)
    SELECT UNHEX(CONCAT('${id}e', seq)), UNHEX(CONCAT('${id}c', seq)), CONCAT('Tenant ', seq), 0, $now FROM seq_1_to_3"
sql "INSERT INTO pinterest_accounts (id, project_id, lane_id, shard, pinterest_user_id, scopes, created_at, updated_at)
    SELECT UNHEX(CONCAT('${id}f', seq)), UNHEX(CONCAT('${id}e', seq)), lane_id, shard, CONCAT('u', seq), scopes, created_at,
        updated_at FROM seq_1_to_3, pinterest_accounts WHERE pinterest_user_id NOT LIKE 'u_'"
lost="UPDATE pinterest_accounts SET health = 1, health_code = 'token_revoked', health_checked_at = $now"
found='UPDATE pinterest_accounts SET health = 0, health_code = NULL'
level 1 'the operator looks when most organizations lose all accounts' "$lost WHERE pinterest_user_id LIKE 'u_'" "$found"
says '^LOOK .*All accounts of 3 of 3 organizations'
level 0 'but not for one of them' "$lost WHERE pinterest_user_id = 'u1'" "$found"
sql "$lost WHERE pinterest_user_id = 'u1'"
run status --strict
is $? 1 'notes count with --strict'
run status --strict --json
says '"status":"look"'
sql "$found; DELETE FROM pinterest_accounts WHERE pinterest_user_id LIKE 'u_'"
hooks 30 b1 "X'${id}e1'" "$fails"
level 0 'webhooks of one tenant that fail are a note' 'SELECT 1' 'SELECT 1'
says '^NOTE  *30 webhooks fail, 0 were disabled in the last week, of 1 organization\.'
if [ $well = 0 ]; then is "$(head -n 1 "$dir/out" | cut -c 1-5)" 'WELL ' 'below the headline'; fi
says '^WEBHOOK '
says 'hook.example of "Tenant 1"'
says 'The endpoint answered 500'
says '^and 10 more'
is "$(grep -c secret-path "$dir/out")" 0 'the address of a webhook is not shown'
run status --json
says '{"level":"note","code":"webhooks_failing"'
hooks 1 b2 "X'${id}e2'" 'NULL, NULL'
hooks 1 b3 "X'${id}e3'" "$fails"
hooks 1 b4 "X'${id}e3'" 'NULL, NULL'
level 0 'also beside those of another that fail in part' 'SELECT 1' 'SELECT 1'
says '^NOTE  *31 webhooks fail, .* of 2 organizations\.'
says 'hook.example of "Tenant 3"' # the worst 20 are not all of one tenant
level 1 'the operator looks when those of most organizations all fail' \
    "UPDATE webhooks SET failing_since = $now WHERE project_id = X'${id}e3'" 'SELECT 1'
says '^LOOK .*All webhooks of 2 of 3 organizations fail'
level 0 'not when half of them work' "UPDATE webhooks SET last_attempt_at = $now - INTERVAL 25 HOUR
    WHERE project_id = X'${id}e3'" "DELETE FROM webhooks WHERE project_id <> X'${id}e1'"
level 0 'a webhook that was disabled is noted' \
    "UPDATE webhooks SET is_enabled = 0, disabled_reason = 'gone', disabled_at = $now" 'SELECT 1'
says '^NOTE  *0 webhooks fail, 30 were disabled'
says 'off: gone'
level 0 'for a week' "UPDATE webhooks SET disabled_at = $now - INTERVAL 8 DAY" 'SELECT 1'
is "$(grep -c '^NOTE' "$dir/out")" 0 'and no longer'
level 0 'one that a person disabled is none' "UPDATE webhooks SET disabled_reason = 'by_user', disabled_at = $now" \
    "DELETE FROM webhooks; DELETE FROM projects WHERE name LIKE 'Tenant %'"
is "$(grep -c '^NOTE' "$dir/out")" 0 'and not noted'
level 1 'an import that nobody takes up is to be looked at' "INSERT INTO imports (id, project_id, shard, source_type, status,
    due_at, total_rows, created_at, updated_at) SELECT X'${id}b2', id, 1, 0, 0, $now - INTERVAL 1 HOUR, 1, $now, $now
    FROM projects LIMIT 1" 'DELETE FROM imports'
level 2 'the worst comes first' "UPDATE pinterest_accounts SET health = 1; UPDATE apps SET stopped_at = $now" \
    'UPDATE pinterest_accounts SET health = 0; UPDATE apps SET stopped_at = NULL'
is "$(cut -c 1-6 "$dir/out" | head -n 3 | tr -d ' ' | tr '\n' ' ')" 'BROKEN BROKEN NOTE ' 'BROKEN is above the others'
run status nonsense; is $? 3 'status with an unknown argument is neither'
# a person who may not read what other programs keep secret
cp "$conf" "$dir/all.conf"
sed -i 's/^app_password_file.*/app_password_file = \/nonexistent/' "$conf"
printf '[production]\nclient_secret_file = /nonexistent\n[outbound]\nca_file = /nonexistent\n' >> "$conf"
run status; is $? $well 'status opens no secret but its own password'
run config check; is $? 2 'config check opens all'
unable=
[ "$(id -u)" != 0 ] || unable='setpriv --bounding-set=-dac_override,-dac_read_search'
chmod 0 "$dir/key"
$unable "$pintempo" -c "$conf" status > "$dir/out" 2>&1; is $? $well 'status works for who may not read the key'
is "$(grep -c key_file "$dir/out")" 0 'and says nothing of it'
chmod 640 "$dir/key"
mv "$dir/all.conf" "$conf"
sql "DELETE FROM workers"
id=${id}0
run status; is $? 2 'status'
missing=$(sql "SELECT table_name FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'" |
    while read -r table; do grep -q "^$table  " "$dir/out" || echo "$table"; done)
is "$missing" '' 'status shows the size of every table'
says 'held: 1'
says 'none in the last hour'
run why 01900000-0000-7000-8000-000000000004; is $? 0 'why of a pin without a worker succeeds'
says 'no worker is running for it'
sql 'UPDATE shards SET lease_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR'
run why 01900000-0000-7000-8000-000000000003; is $? 0 'why of a schedule succeeds'
says 'the title'
says '^why  *Waits until '
says '^expected .*in '
says 'slow down'

sql "UPDATE lanes SET next_turn_at = NULL"
run pause account 01900000-0000-7000-8000-000000000002; is $? 0 'pause of an account succeeds'
is "$(sql "SELECT COUNT(*) FROM pinterest_accounts WHERE paused_at IS NOT NULL")" 1 'pause sets one account to paused'
run why 01900000-0000-7000-8000-000000000004; says 'The account is paused'
run pause account 01900000-0000-7000-8000-000000000002; is $? 0 'again'
says 'already paused'
sql "UPDATE lanes SET next_turn_at = NULL"
run resume account 01900000-0000-7000-8000-000000000002; is $? 0 'resume of an account succeeds'
is "$(sql "SELECT COUNT(*) FROM pinterest_accounts WHERE paused_at IS NULL")" 1 'resume clears the account pause'
is "$(sql "SELECT COUNT(*) FROM lanes WHERE next_turn_at <= UTC_TIMESTAMP(6)")" 1 'resume of an account wakes its lane'
owner=$(sql "SELECT LOWER(INSERT(INSERT(INSERT(INSERT(HEX(project_id), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-'))
    FROM pinterest_accounts")
sql "UPDATE lanes SET next_turn_at = NULL"
run pause project "$owner"; is $? 0 'pause of a project succeeds'
is "$(sql "SELECT COUNT(*) FROM projects WHERE paused_at IS NOT NULL")" 1 'pause sets one project to paused'
run resume project "$owner"; is $? 0 'resume of a project succeeds'
is "$(sql "SELECT COUNT(*) FROM projects WHERE paused_at IS NOT NULL")" 0 'resume clears the project pause'
is "$(sql "SELECT COUNT(*) FROM lanes WHERE next_turn_at <= UTC_TIMESTAMP(6)")" 1 'resume of a project wakes its lane'
is "$(sql "SELECT GROUP_CONCAT(action ORDER BY id) FROM activity_logs WHERE actor_label = 'pintempo'")" \
    account.paused,account.resumed,project.paused,project.resumed 'each pause and resume is in the activity log once'
run pause account "$owner"; is $? 1 'pause account with a project id fails'
says 'there is no account'
run pause project 01900000-0000-7000-8000-000000000002; is $? 1 'pause project with an account id fails'
run resume project x; is $? 1 'resume with a malformed id fails'
run resume account; is $? 2 'resume without an id is a usage error'

# what failed by the operator's fault is put back
since=$(sql "SELECT DATE_FORMAT(UTC_TIMESTAMP(6) - INTERVAL 1 HOUR, '%Y-%m-%dT%H:%i:%sZ')")
code=resource_not_found
sql "UPDATE pins SET state = 5, failed_at = UTC_TIMESTAMP(6), error_code = '$code', error_message = 'Gone.', due_at = NULL,
        deadline_at = NULL, title = CONCAT('red ', CHAR(27), '[31m', CHAR(226, 128, 174 USING utf8mb4));
    UPDATE schedules SET state = 5"
failed() { sql 'SELECT COUNT(*) FROM pins WHERE state = 5'; }
unchanged() { # STATUS SAYS ARGUMENT...: retry of other pins
    local status=$1 why=$2
    shift 2
    run retry "$@" < /dev/null; is $? "$status" "retry $*"
    says "$why"
    is "$(failed)" 1 'leaves the pin failed'
}
unchanged 2 '^usage: ' --since "$since"
unchanged 2 '^usage: ' --code $code --yes
unchanged 2 'is given twice' --since "$since" --since "$since" --code $code --yes
unchanged 2 'takes no value' --since "$since" --code $code --yes=no
unchanged 2 'unknown option' --since "$since" --code $code --force
unchanged 2 'unexpected argument' --since "$since" --code $code --yes 3
unchanged 1 'must have a time of day' --since "${since%T*}" --code $code --yes
unchanged 1 'in the future' --since 2999-01-01T00:00:00Z --code $code --yes
unchanged 1 'must be from 1970' --since 0001-01-01T00:00:00Z --code $code --yes
unchanged 1 'list of codes' --since "$since" --code '' --yes
unchanged 1 'list of codes' --since "$since" --code "$code," --yes
unchanged 1 'list of codes' --since "$since" --code "$code,,other" --yes
unchanged 1 'list of codes' --since "$since" --code "Resource" --yes
unchanged 1 'not a project id' --since "$since" --code $code --project x --yes
unchanged 1 'there is no project' --since "$since" --code $code --project 01900000-0000-7000-8000-000000000002 --yes
unchanged 1 'production and sandbox' --since "$since" --code $code --env both --yes
unchanged 0 'nothing to do' --since "$since" --code resource_not_fond --yes
says "^These failed since then with other codes"
says "^1  *$code "
unchanged 0 'nothing to do' --since "$since" --code $code --env production --yes
unchanged 0 'With --yes they are put back' --since "$since" --code $code
says '^such as .* "red .x1b\[31m.xe2.x80.xae", failed '
is "$(grep -c $'\033' "$dir/out")" 0 'the terminal gets nothing raw'
sql 'UPDATE pinterest_accounts SET revoked_at = UTC_TIMESTAMP(6)'
unchanged 0 'left alone' --since "$since" --code $code --yes
sql 'UPDATE pinterest_accounts SET revoked_at = NULL; UPDATE lanes SET next_turn_at = NULL'
run retry --since "$since" --code "other, $code" --env sandbox --project "$owner" --yes; is $? 0 'retry --yes'
says '^1 wait again'
is "$(sql 'SELECT CONCAT(state, IF(not_after > UTC_TIMESTAMP(6), " in time", " late")) FROM pins')" '1 in time' 'the pin waits again'
is "$(sql 'SELECT COUNT(*) FROM lanes WHERE next_turn_at <= UTC_TIMESTAMP(6)')" 1 'and its lane has a turn'
is "$(sql "SELECT COUNT(*) FROM activity_logs WHERE action = 'pin.retried' AND actor_label = 'pintempo'")" 1 'the activity log tells it'
run retry --since "$since" --code $code --yes; is $? 0 'and once only'
says 'nothing to do'
for list in account key; do
    run $list list --project 01900000-0000-7000-8000-000000000002; is $? 1 "$list list of an unknown project fails"
    says 'there is no project'
done

# an app that was stopped
project=$(sql "SELECT LOWER(INSERT(INSERT(INSERT(INSERT(HEX(id), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-')) FROM projects LIMIT 1")
run limits; is $? 2 'limits without a project is a usage error'
run limits "$project"; is $? 0 'limits of a project are shown'
says '^accounts  *500  *\[limits\] accounts'
is "$(grep -c '^sessions' "$dir/out")" 0 'but those of persons'
run limits "$project" accounts=7 webhooks=0; is $? 0 'and set'
says '^accounts  *7  *this project'
says '^webhooks  *0  *this project'
run limits "$project" accounts=default; is $? 0 'and taken back'
says '^accounts  *500  *\[limits\] accounts'
says '^webhooks  *0  *this project'
for word in accounts nonsense=1 accounts=x accounts=-1 accounts=1000000001 requests_in_hand=0 requests_in_hand=65 sessions=5; do
    run limits "$project" api_keys=9 "$word"; is $? 1 "limits: $word is refused"
done
is "$(sql "SELECT limits FROM projects WHERE id = X'${project//-/}'")" webhooks=0 'and then nothing is set'
run limits "$project" webhooks=default; is "$(sql "SELECT limits FROM projects WHERE id = X'${project//-/}'")" NULL 'none is NULL'
run limits 01900000-0000-7000-8000-00000000dead; is $? 1 'limits of a project that is not there fail'
run resume app; is $? 2 'resume app without an environment is a usage error'
run resume app sandbox production; is $? 2 'one at a time'
run resume app Sandbox; is $? 1 'resume app of an unknown environment fails'
says 'there are production and sandbox'
run resume app sandbox; is $? 0 'resume of an app that is not stopped'
says 'is not stopped'
stop_app() { # HOW
    sql "UPDATE apps SET $1 WHERE environment = 1; UPDATE lanes SET next_turn_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR"
}
probe="stopped_at = UTC_TIMESTAMP(6), stop_code = 7, message = 'red', answers = 1, probe_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR"
later() { # CHANGE: once the app may be tried
    until [ "$(sql 'SELECT probe_at <= UTC_TIMESTAMP(6) FROM apps WHERE environment = 1')" = 1 ]; do :; done
    sql "$1"
}
stop_app "$probe"
later 'UPDATE apps SET stopped_at = NULL WHERE environment = 1' & run resume app sandbox; is $? 0 'resume app tries it at once'
says 'accepts pins again'
wait
is "$(sql 'SELECT COUNT(*) FROM lanes WHERE next_turn_at <= UTC_TIMESTAMP(6)')" 1 'a waiting lane has a turn'
stop_app "$probe"
later "UPDATE apps SET answers = 2, message = CONCAT('red ', CHAR(27), '[31m') WHERE environment = 1" & run resume app sandbox
is $? 1 'resume app fails when it is still so'
says 'is still stopped: red .x1b'
wait
stop_app 'stopped_at = NULL, hold_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR'
run resume app sandbox; is $? 0 'a limit of Pinterest stays'
says 'is held by a limit'
is "$(sql 'SELECT COUNT(*) FROM apps WHERE hold_until IS NOT NULL')" 1 'and is not lifted'
stop_app 'stop_code = 0, hold_until = NULL'

run pause; is $? 2 'pause without a kind is a usage error'
run why ${id}4; is $? 0 'why accepts an id as the database shows it'
run why nonsense; is $? 1 'why of a malformed id fails'
run why 01900000-0000-7000-8000-0000000000ff; is $? 1 'why of an unknown id fails'
run config check; is $? 0 'config check succeeds'
says 'All is well'
run config print; is $? 0 'config print succeeds'
says 'public_url'
run version; is $? 0 'version'
id=$(sh "$top/lib/git_id.sh" "$top")
says "^pintempo [0-9.]*$(printf '%s' "${id%.dirty}" | sed 's/[+.]/[&]/g')"
mkdir "$dir/source" && echo +gfeedfacecafe > "$dir/source/.git-id"
is "$(sh "$top/lib/git_id.sh" "$dir/source")" +gfeedfacecafe 'a tarball brings its commit along'
mkdir "$dir/bare"
is "$(sh "$top/lib/git_id.sh" "$dir/bare")" '' 'sources without a commit have none, whatever lies around them'
run help; is $? 0 'help'
is "$(grep -v '/pintempo.conf.$' "$dir/out" | awk 'length > 80')" '' 'help fits 80 columns'
is "$(grep -c '^  [a-z]' "$dir/out")" "$(grep -cE '^	\{ "[a-z -]+",' "$top/ctl/main.c")" 'it has every command'
run why --help; is "$(head -n 1 "$dir/out")" '  why ID' 'help of one command'
run nothing; is $? 2 'an unknown command is a usage error'
sed -i 's/^socket.*/socket = \/nonexistent/' "$conf"
run status; is $? 2 'status without a server is broken'
says '^BROKEN .*cannot connect'
run status --json; is $? 2 'and in JSON'
says '^{"status":"broken","findings":.{"level":"broken","code":"database"'
says '/nonexistent'

sql "DROP DATABASE ctl_$$; DROP DATABASE ctl_sandbox_$$" 2> /dev/null
echo "1..$n"
exit $failed
