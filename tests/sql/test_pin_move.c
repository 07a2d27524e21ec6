/* Every transition of a pin: rows, schedule, lane, attempt, activity and event, once and together.
 */
#include "sql/pin_move.h"

#include <inttypes.h>
#include <string.h>

#include "lib/clock.h"
#include "sql/stmt.h"
#include "sql/store.h"
#include "tests/tap.h"
#include "tests/with_db.h"

static const char *database;

/* Ids are texts of 16 bytes, so that SQL and C spell them alike. */
static struct uuid
id_of(const char *text)
{
	struct uuid u;

	memcpy(&u, text, sizeof(u));
	return u;
}

/* 'p': pin n, 's': its schedule. */
static struct uuid
nth(char kind, unsigned n)
{
	char text[32];

	snprintf(text, sizeof(text), "%c.%014u", kind, n);
	return id_of(text);
}

static int64_t
ask(struct db *db, const char *sql)
{
	int64_t n = -1;
	const char *why = "";

	if (db_ask(db, sql, &n, &why) != DB_OK)
		printf("# %s: %s\n", sql, why);
	return n;
}

static void
script(struct db *db, const char *sql)
{
	const char *why = "";

	if (db_script(db, sql, &why) != DB_OK) {
		printf("Bail out! %s: %s\n", sql, why);
		exit(99);
	}
}

/* An empty world, and a lane with a request under way. */
static void
reset(struct db *db)
{
	script(db,
	    "DELETE FROM pins; DELETE FROM schedules; DELETE FROM attempts; DELETE FROM events; "
	    "DELETE FROM deliveries; DELETE FROM activity_logs; "
	    "UPDATE lanes SET next_turn_at = NULL, busy_until = UTC_TIMESTAMP(6), "
	    "in_flight_pin = 'p.00000000000001'");
}

/* Pin n, version 7, with its schedule and its second attempt, which is open. */
static void
add_pin(struct db *db, unsigned n, enum pin_state state)
{
	char sql[2000];

	snprintf(sql, sizeof(sql),
	    "INSERT INTO pins SET id = 'p.%014u', project_id = 'project.........', account_id = "
	    "'account.........', lane_id = 'lane............', shard = 9, schedule_id = "
	    "'s.%014u', state = %d, version = 7, attempts = 2, retries_spent = 1, "
	    "unsent_in_a_row = 4, run_at = UTC_TIMESTAMP(6) - INTERVAL 1 HOUR, not_after = "
	    "UTC_TIMESTAMP(6) + INTERVAL 1 HOUR, board_id = '7', title = 't', text_hash = 'h', "
	    "idempotency_key = 'k%u', created_at = UTC_TIMESTAMP(6), updated_at = "
	    "UTC_TIMESTAMP(6);"
	    "INSERT INTO schedules SET id = 's.%014u', project_id = 'project.........', "
	    "account_id = 'account.........', lane_id = 'lane............', shard = 9, state = "
	    "%d, version = 3, run_at = UTC_TIMESTAMP(6), not_after = UTC_TIMESTAMP(6), board_id "
	    "= '7', title = 't', pin_id = 'p.%014u', last_error = 'old', created_at = "
	    "UTC_TIMESTAMP(6), updated_at = UTC_TIMESTAMP(6);"
	    "INSERT INTO attempts SET pin_id = 'p.%014u', number = 2, project_id = "
	    "'project.........', lane_id = 'lane............', worker_id = 'worker..........', "
	    "account_id = 'account.........', opened_at = '2026-03-01 08:00:00', snapshot = '{}'",
	    n, n, (int)state, n, n, (int)state, n, n);
	script(db, sql);
}

static struct pin_move
move_of(unsigned n, enum pin_state from, enum pin_state to)
{
	struct pin_move m = { .project_id = id_of("project........."),
		.pin_id = nth('p', n),
		.from = 1u << from,
		.to = to,
		.due_us = TIME_NONE,
		.absent_us = TIME_NONE,
		.unsent_in_a_row = UNSENT_KEEP,
		.event_deadline_s = 3600 };

	if (to == PIN_WAITING || to == PIN_VERIFYING)
		m.due_us = clock_wall_us();
	if (to == PIN_PUBLISHED) {
		m.pinterest_pin_id = "900";
		m.confirmed_by = "answer";
	}
	if (to == PIN_FAILED) {
		m.code = "invalid_image";
		m.message = "It failed.";
	}
	return m;
}

static enum db_rc
work_move(struct db *db, void *arg)
{
	return pin_move(db, arg);
}

struct moves {
	const struct pin_move *m[4];
	size_t n;
};

static enum db_rc
work_moves(struct db *db, void *arg)
{
	const struct moves *all = arg;

	return pin_move_all(db, all->m, all->n);
}

/* Pin n has moved once, everything with it. */
static void
is_moved(struct db *db, unsigned n, enum pin_state from, enum pin_state to)
{
	bool terminal = to == PIN_PUBLISHED || to == PIN_FAILED;
	char sql[1500], about[100];

	snprintf(sql, sizeof(sql),
	    "SELECT COUNT(*) FROM pins p JOIN schedules s ON s.id = p.schedule_id WHERE p.id = "
	    "'p.%014u' AND p.state = %d AND s.state = %d AND p.version = 8 AND s.version = 4 AND "
	    "(p.deadline_at <=> IF(p.state = 1, p.not_after, NULL)) AND (p.published_at IS NULL) "
	    "= (p.state <> 4) AND (p.failed_at IS NULL) = (p.state <> 5) AND (s.last_error <=> "
	    "IF(s.state = 5, 'It failed.', NULL))",
	    n, (int)to, (int)to);
	snprintf(about, sizeof(about), "%s -> %s: pin and schedule", pin_state_name(from),
	    pin_state_name(to));
	is_int(ask(db, sql), 1, about);
	snprintf(sql, sizeof(sql),
	    "SELECT COUNT(*) FROM events e JOIN deliveries d ON d.event_id = e.id WHERE "
	    "e.subject_type = 1 AND e.subject_id = 'p.%014u' AND e.subject_version = 8 AND "
	    "e.type = %d",
	    n, to == PIN_PUBLISHED ? EVENT_PIN_PUBLISHED : EVENT_PIN_FAILED);
	snprintf(about, sizeof(about), "%s -> %s: %s", pin_state_name(from), pin_state_name(to),
	    terminal ? "one event, one delivery" : "no event");
	is_int(ask(db, sql), terminal, about);
	snprintf(sql, sizeof(sql),
	    "SELECT COUNT(*) FROM activity_logs WHERE resource_id = 'p.%014u' AND account_id = "
	    "'account.........' AND action = '%s' AND actor_type = 'worker'",
	    n, to == PIN_PUBLISHED ? "pin.published" : "pin.publish_failed");
	snprintf(about, sizeof(about), "%s -> %s: %s", pin_state_name(from), pin_state_name(to),
	    terminal ? "one activity" : "no activity");
	is_int(ask(db, sql), terminal, about);
}

/* Nothing of pin n has changed. */
static void
is_unmoved(struct db *db, unsigned n, enum pin_state state, const char *about)
{
	char sql[800];

	snprintf(sql, sizeof(sql),
	    "SELECT COUNT(*) FROM pins p JOIN schedules s ON s.id = p.schedule_id WHERE p.id = "
	    "'p.%014u' AND p.state = %d AND s.state = %d AND p.version = 7 AND s.version = 3 AND "
	    "NOT EXISTS (SELECT 1 FROM events WHERE subject_id = p.id) AND NOT EXISTS (SELECT 1 "
	    "FROM activity_logs WHERE resource_id = p.id)",
	    n, (int)state, (int)state);
	is_int(ask(db, sql), 1, about);
}

static void
test_each_move(struct db *db)
{
	for (enum pin_state from = PIN_WAITING; from <= PIN_FAILED; from++)
		for (enum pin_state to = PIN_WAITING; to <= PIN_FAILED; to++) {
			struct pin_move m = move_of(1, from, to);

			/* The grant alone makes a pin sending. */
			if (!pin_may_follow(from, to) || to == PIN_SENDING)
				continue;
			reset(db);
			add_pin(db, 1, from);
			is_int(db_transact(db, work_move, &m), DB_OK, "a move of the table");
			is_moved(db, 1, from, to);
			is_int(db_transact(db, work_move, &m), DB_NONE, "the move happens once");
			is_moved(db, 1, from, to);
		}
}

static void
test_refused(struct db *db)
{
	struct pin_move_attempt a = { .n = 2,
		.worker_id = id_of("another worker.."),
		.opened_us = 1772352000LL * US_PER_S,
		.outcome = ATTEMPT_REFUSED,
		.gate_us = TIME_NONE };
	struct pin_move m = move_of(1, PIN_SENDING, PIN_FAILED);

	reset(db);
	add_pin(db, 1, PIN_SENDING);
	m.project_id = id_of("another project.");
	is_int(db_transact(db, work_move, &m), DB_NONE, "a pin of another project does not move");
	m = move_of(1, PIN_WAITING, PIN_FAILED);
	is_int(db_transact(db, work_move, &m), DB_NONE, "nor one in another state");
	m = move_of(1, PIN_SENDING, PIN_FAILED);
	m.version = 6;
	is_int(db_transact(db, work_move, &m), DB_NONE, "nor one with another version");
	m = move_of(1, PIN_SENDING, PIN_FAILED);
	m.n = 1;
	is_int(db_transact(db, work_move, &m), DB_NONE, "nor one with a later attempt");
	m = move_of(1, PIN_SENDING, PIN_FAILED);
	m.attempt = &a;
	is_int(db_transact(db, work_move, &m), DB_NONE, "nor by another worker's attempt");
	is_int(ask(db, "SELECT COUNT(*) FROM attempts WHERE outcome IS NULL"), 1,
	    "another worker's attempt stays open");
	m = move_of(2, PIN_SENDING, PIN_FAILED);
	is_int(db_transact(db, work_move, &m), DB_NONE, "nor one that does not exist");
	is_unmoved(db, 1, PIN_SENDING, "a refused move changes nothing");
	script(db, "UPDATE pins SET deleted_at = UTC_TIMESTAMP(6)");
	m = move_of(1, PIN_SENDING, PIN_FAILED);
	is_int(db_transact(db, work_move, &m), DB_NONE, "a deleted pin does not move");
}

static void
test_attempt(struct db *db)
{
	const struct pin_move_attempt a = { .n = 2,
		.worker_id = id_of("worker.........."),
		.opened_us = 1772352000LL * US_PER_S,
		.outcome = ATTEMPT_REFUSED,
		.gate_us = TIME_NONE,
		.http_status = 400 };
	const struct pin_move_lane lane = { .id = id_of("lane............"), .release = true };
	struct pin_move m = move_of(1, PIN_SENDING, PIN_WAITING);
	struct moves one = { { &m }, 1 };

	reset(db);
	add_pin(db, 1, PIN_SENDING);
	m.attempt = &a;
	m.lane = &lane;
	m.spends_try = true;
	m.unsent_in_a_row = UNSENT_ADD;
	is_int(db_transact(db, work_move, &m), DB_OK, "a pin moves by its last attempt");
	is_int(ask(db, "SELECT COUNT(*) FROM attempts WHERE outcome = 2 AND http_status = 400 AND "
		       "closed_at IS NOT NULL"),
	    1, "the attempt is closed");
	is_int(ask(db, "SELECT COUNT(*) FROM lanes WHERE next_turn_at <= UTC_TIMESTAMP(6) AND "
		       "busy_until IS NULL AND in_flight_pin IS NULL"),
	    1, "the lane is released and woken");
	is_int(ask(db, "SELECT retries_spent * 100 + unsent_in_a_row FROM pins"), 205,
	    "the tries are counted");
	reset(db);
	add_pin(db, 1, PIN_FAILED);
	is_int(
	    db_transact(db, work_moves, &one), DB_OK, "a pin that is not sending is passed over");
	is_int(ask(db, "SELECT COUNT(*) FROM attempts WHERE outcome = 2"), 1,
	    "the open attempt is closed all the same");
	is_unmoved(db, 1, PIN_FAILED, "the pin is unchanged");
}

static void
test_batch(struct db *db)
{
	struct pin_move a = move_of(1, PIN_SENDING, PIN_PUBLISHED);
	struct pin_move b = move_of(2, PIN_SENDING, PIN_FAILED);
	struct pin_move c = move_of(3, PIN_SENDING, PIN_VERIFYING);
	struct moves all = { { &a, &b, &c }, 3 };

	reset(db);
	add_pin(db, 1, PIN_SENDING);
	add_pin(db, 2, PIN_WAITING);
	add_pin(db, 3, PIN_SENDING);
	is_int(db_transact(db, work_moves, &all), DB_OK, "a batch moves");
	is_moved(db, 1, PIN_SENDING, PIN_PUBLISHED);
	is_moved(db, 3, PIN_SENDING, PIN_VERIFYING);
	is_unmoved(db, 2, PIN_WAITING, "a pin that may not move is passed over");
	b.from = 1u << PIN_WAITING;
	b.project_id = id_of("another project.");
	is_int(db_transact(db, work_moves, &all), DB_OK, "a batch with a foreign pin moves");
	is_unmoved(db, 2, PIN_WAITING, "the foreign pin is passed over");
	all.n = 0;
	is_int(db_transact(db, work_moves, &all), DB_OK, "an empty batch moves");
	b = move_of(2, PIN_WAITING, PIN_FAILED);
	c = move_of(3, PIN_VERIFYING, PIN_PUBLISHED);
	all = (struct moves){ { &b, &c }, 2 };
	is_int(db_transact(db, work_moves, &all), DB_FAIL, "a taken id fails the batch");
	is_unmoved(db, 2, PIN_WAITING, "the others of that batch are unchanged");
}

/* Another pin of the lane has the Pinterest id. */
static void
test_taken(struct db *db)
{
	struct pin_move first = move_of(1, PIN_SENDING, PIN_PUBLISHED);
	struct pin_move m = move_of(2, PIN_SENDING, PIN_PUBLISHED);

	reset(db);
	add_pin(db, 1, PIN_SENDING);
	add_pin(db, 2, PIN_SENDING);
	add_pin(db, 3, PIN_FAILED);
	must(db_transact(db, work_move, &first));
	is_int(db_transact(db, work_move, &m), DB_OK, "an answer with a taken id is saved");
	is_int(ask(db, "SELECT COUNT(*) FROM pins WHERE id = 'p.00000000000002' AND state = 5 AND "
		       "error_code = 'outcome_unknown' AND candidates = '[\"900\"]' AND "
		       "pinterest_pin_id IS NULL"),
	    1, "as an unknown outcome with the id as candidate");
	is_int(ask(db, "SELECT type FROM events WHERE subject_id = 'p.00000000000002'"),
	    EVENT_PIN_FAILED, "its event says failed");
	m = move_of(3, PIN_FAILED, PIN_PUBLISHED);
	is_int(db_transact(db, work_move, &m), DB_DUP, "a failed pin cannot take the id");
	is_unmoved(db, 3, PIN_FAILED, "it is unchanged");
}

/* Somebody changes the pin between our reading and our write. */
static void
test_overtaken(struct db *db)
{
	struct pin_move m = move_of(1, PIN_WAITING, PIN_FAILED);

	reset(db);
	add_pin(db, 1, PIN_WAITING);
	script(db,
	    "CREATE TRIGGER overtake BEFORE UPDATE ON schedules FOR EACH ROW UPDATE pins SET "
	    "version = version + 1 WHERE schedule_id = OLD.id");
	is_int(db_transact(db, work_move, &m), DB_RETRY, "an overtaken move has to be run again");
	script(db, "DROP TRIGGER overtake");
	is_unmoved(db, 1, PIN_WAITING, "it changes nothing");
}

static void
test_by_person(struct db *db)
{
	static const struct actor by = { .type = "user", .label = "jo", .request_id = "req-1" };
	struct pin_move m = move_of(1, PIN_FAILED, PIN_PUBLISHED);

	reset(db);
	add_pin(db, 1, PIN_FAILED);
	m.by = &by;
	m.settled = true;
	must(db_transact(db, work_move, &m));
	is_int(ask(db, "SELECT COUNT(*) FROM activity_logs WHERE action = 'pin.settled' AND "
		       "actor_type = 'user' AND actor_label = 'jo' AND request_id = 'req-1' AND "
		       "message IS NULL"),
	    1, "the activity names the person, the request and what was done");
	is_int(ask(db, "SELECT COUNT(*) FROM activity_logs"), 1, "there is no other activity");
}

static enum db_rc
work_schedule_failed(struct db *db, void *arg)
{
	const int64_t *version = arg;
	const struct uuid project = id_of("project........."), id = nth('s', 1);

	return pin_move_schedule_failed(db, &project, &id, *version, 3600);
}

static void
test_schedule(struct db *db)
{
	int64_t version = 2;

	reset(db);
	add_pin(db, 1, PIN_PLANNED);
	script(db, "DELETE FROM pins");
	is_int(db_transact(db, work_schedule_failed, &version), DB_NONE,
	    "a schedule that was edited does not fail");
	version = 3;
	is_int(db_transact(db, work_schedule_failed, &version), DB_OK, "a planned one fails");
	is_int(ask(db, "SELECT COUNT(*) FROM schedules WHERE state = 5 AND version = 4"), 1,
	    "the schedule is failed");
	is_int(ask(db, "SELECT COUNT(*) FROM events e JOIN deliveries d ON d.event_id = e.id WHERE "
		       "subject_type = 2 AND subject_id = 's.00000000000001' AND "
		       "subject_version = 4 AND type = 2 AND body LIKE '%\"pin_id\":null,"
		       "\"schedule_id\":\"%\"internal_error\"%\"version\":4,%'"),
	    1, "its event is about the schedule");
	is_int(ask(db, "SELECT COUNT(*) FROM activity_logs WHERE action = 'schedule.failed' AND "
		       "resource_id = 's.00000000000001'"),
	    1, "its activity too");
	version = 4;
	is_int(db_transact(db, work_schedule_failed, &version), DB_NONE, "it fails once");
}

int
main(int argc, char **argv)
{
	struct arena *mem = arena_new();
	struct db_conf conf;
	const char *why;
	struct db *db;

	(void)argc;
	with_db(argv);
	database = with_db_fresh("pin_move");
	conf = with_db_conf(database);
	db = db_open(&conf, sql_stmts, SQL__COUNT, DB_USER_WORKER);
	db_use(db, mem);
	if (store_migrate(db, &why) != DB_OK)
		printf("Bail out! %s\n", why);
	script(db,
	    "INSERT INTO lanes SET id = 'lane............', environment = 1, pinterest_user_id = "
	    "'u', shard = 9, created_at = UTC_TIMESTAMP(6);"
	    "INSERT INTO projects SET id = 'project.........', organization_id = "
	    "'organization....', name = 'p', environment = 1, created_at = UTC_TIMESTAMP(6);"
	    "INSERT INTO webhooks SET id = 'webhook.........', project_id = 'project.........', "
	    "shard = 5, url = 'https://x', secret_sealed = '', events = 3, created_at = "
	    "UTC_TIMESTAMP(6), updated_at = UTC_TIMESTAMP(6)");
	test_each_move(db);
	test_refused(db);
	test_attempt(db);
	test_batch(db);
	test_taken(db);
	test_overtaken(db);
	test_by_person(db);
	test_schedule(db);
	db_close(db);
	with_db_drop(database);
	arena_free(mem);
	return tap_done();
}
