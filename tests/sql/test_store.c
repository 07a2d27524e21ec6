/* Shared writes: idempotency of pins and schedules, events with deliveries, waking a lane. */
#include "sql/store.h"

#include "lib/clock.h"
#include "tests/tap.h"
#include "tests/with_db.h"
#include "sql/stmt.h"

/* The tests' queries beyond the product's statements: the statement table, extended. */
static struct db_stmt table[SQL__COUNT + 16];
enum {
	Q_SEED_LANE = SQL__COUNT,
	Q_SEED_PROJECT,
	Q_SEED_ACCOUNT,
	Q_SEED_HOOK,
	Q_ROWS,
	Q_LANE_DUE,
	Q_LANE_RESET,
	Q_PIN,
	Q_SCHEDULE,
	Q_DELETE_PIN,
	Q_DELETE_SCHEDULE,
	Q_CANCEL,
	Q_DELIVERIES,
	Q_LANE_AT,
	Q__END
};
#define ORDER(...)                                                                                 \
	(const unsigned char[])                                                                    \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
static const struct db_stmt extra[] = {
	{ "seed_lane",
	    "INSERT INTO lanes (id, environment, pinterest_user_id, shard, created_at) "
	    "VALUES (?, 1, 'u1', 9, UTC_TIMESTAMP(6))",
	    ORDER(0), 1, 1, 1, false },
	{ "seed_project",
	    "INSERT INTO projects (id, organization_id, name, environment, created_at) "
	    "VALUES (?, ?, 'p', 1, UTC_TIMESTAMP(6))",
	    ORDER(0, 0), 2, 1, 1, false },
	{ "seed_account",
	    "INSERT INTO pinterest_accounts (id, project_id, lane_id, shard, pinterest_user_id, "
	    "scopes, created_at, updated_at, paused_at) VALUES (?, ?, ?, 9, 'u1', '', "
	    "UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
	    ORDER(0, 1, 2), 3, 3, 1, false },
	{ "seed_hook",
	    "INSERT INTO webhooks (id, project_id, shard, url, secret_sealed, events, is_enabled, "
	    "created_at, updated_at, deleted_at) VALUES (?, ?, 5, 'https://x', '', ?, ?, "
	    "UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), IF(?, UTC_TIMESTAMP(6), NULL))",
	    ORDER(0, 1, 2, 3, 4), 5, 5, 1, false },
	{ "rows",
	    "SELECT (SELECT COUNT(*) FROM pins), (SELECT COUNT(*) FROM schedules), "
	    "(SELECT COUNT(*) FROM activity_logs), (SELECT COUNT(*) FROM idempotency_keys)",
	    ORDER(0), 0, 0, 1, false },
	{ "lane_due",
	    "SELECT next_turn_at IS NOT NULL AND next_turn_at <= UTC_TIMESTAMP(6) FROM lanes",
	    ORDER(0), 0, 0, 1, false },
	{ "lane_reset", "UPDATE lanes SET next_turn_at = NULL", ORDER(0), 0, 0, 1, false },
	{ "pin",
	    "SELECT TIMESTAMPDIFF(SECOND, run_at, not_after), deadline_at = not_after AND "
	    "due_at = run_at, shard, state, title, asset_id FROM pins WHERE id = ?",
	    ORDER(0), 1, 1, 1, false },
	{ "schedule",
	    "SELECT run_at, not_after, due_at, state, description FROM schedules WHERE id = ?",
	    ORDER(0), 1, 1, 1, false },
	{ "delete_pin", "UPDATE pins SET deleted_at = UTC_TIMESTAMP(6) WHERE id = ?", ORDER(0), 1,
	    1, 1, false },
	{ "delete_schedule", "UPDATE schedules SET deleted_at = UTC_TIMESTAMP(6) WHERE id = ?",
	    ORDER(0), 1, 1, 1, false },
	{ "cancel", "UPDATE schedules SET state = 6, due_at = NULL WHERE id = ?", ORDER(0), 1, 1, 1,
	    false },
	{ "deliveries",
	    "SELECT SUM(state = 0 AND due_at IS NOT NULL), SUM(state = 3 AND due_at IS "
	    "NULL), SUM(shard = 5), COUNT(*) FROM deliveries WHERE event_id = ?",
	    ORDER(0), 1, 1, 1, false },
	{ "lane_at", "SELECT next_turn_at FROM lanes", ORDER(0), 0, 0, 1, false },
};

static struct uuid project, other_project, account, lane;
static struct store_account acc;
static const struct actor by = { .type = "api_key", .label = "test", .request_id = "req-1" };

struct make {
	struct pin_new p;
	struct store_made_ids out;
};

static enum db_rc
work_pin(struct db *db, void *arg)
{
	struct make *m = arg;

	return store_pin_insert(db, &acc, &m->p, 600, &by, &m->out);
}

static enum db_rc
work_schedule(struct db *db, void *arg)
{
	struct make *m = arg;

	return store_schedule_insert(db, &acc, &m->p, 600, &by, &m->out);
}

static struct make
make_new(const char *key, const char *title, int64_t run_at)
{
	struct make m = { .p = { .account_id = account,
			      .content.board_id = "123",
			      .content.title = title,
			      .content.image_url = "https://example.com/a.jpg",
			      .idempotency_key = key,
			      .run_at_us = run_at,
			      .not_after_us = TIME_NONE } };

	return m;
}

static void
exec(struct db *db, unsigned q, const struct uuid *id)
{
	const struct db_param in[] = { db_uuid(id) };

	if (db_exec(db, q, in, id == NULL ? 0 : 1, NULL) != DB_OK)
		printf("Bail out! %s\n", table[q].name);
}

static int64_t
lane_due(struct db *db)
{
	int64_t n = -1;
	struct db_col out[] = { db_get_int(&n) };

	must(db_row(db, Q_LANE_DUE, NULL, 0, out, 1));
	return n;
}

static void
is_rows(struct db *db, int64_t pins, int64_t schedules, int64_t activity, int64_t keys)
{
	int64_t n[4];
	struct db_col out[] = { db_get_int(&n[0]), db_get_int(&n[1]), db_get_int(&n[2]),
		db_get_int(&n[3]) };

	must(db_row(db, Q_ROWS, NULL, 0, out, 4));
	ok(n[0] == pins && n[1] == schedules && n[2] == activity && n[3] == keys,
	    "rows: %d pins, %d schedules, %d activity, %d keys", (int)n[0], (int)n[1], (int)n[2],
	    (int)n[3]);
}

static void
seed(struct db *db)
{
	int64_t now = clock_wall_us();

	lane = uuid_v7(now);
	project = uuid_v7(now);
	other_project = uuid_v7(now);
	account = uuid_v7(now);
	const struct db_param a[] = { db_uuid(&account), db_uuid(&project), db_uuid(&lane) };

	exec(db, Q_SEED_LANE, &lane);
	exec(db, Q_SEED_PROJECT, &project);
	must(db_exec(db, Q_SEED_ACCOUNT, a, 3, NULL));
}

static void
test_account(struct db *db)
{
	is_int(store_account_get(db, &other_project, &account, &acc), DB_NONE,
	    "an account of another project is not found");
	is_int(store_account_get(db, &project, &account, &acc), DB_OK,
	    "an account of the same project is found");
	ok(uuid_equal(&acc.lane_id, &lane) && acc.shard == 9 && acc.environment == ENV_SANDBOX &&
		!acc.revoked && acc.paused && !acc.reconnect && acc.boards_at_us == TIME_NONE,
	    "the account has the stored values");
}

static void
test_pins(struct db *db)
{
	struct make a = make_new("k1", "one", TIME_NONE), b = make_new("k1", "one", TIME_NONE);
	struct make c = make_new("k1", "two", TIME_NONE), upper = make_new("K1 ", "one", TIME_NONE);
	int64_t window, same, shard, state;
	const char *title;
	struct uuid asset;
	struct db_col out[] = { db_get_int(&window), db_get_int(&same), db_get_int(&shard),
		db_get_int(&state), db_get_text(&title), db_get_uuid(&asset) };

	is_int(db_transact(db, work_pin, &a), DB_OK, "a pin is stored");
	ok(a.out.made == STORE_CREATED && uuid_is_nil(&a.out.schedule_id),
	    "a new pin is created without a schedule");
	is_int(lane_due(db), 1, "a new pin wakes its lane");
	const struct db_param id[] = { db_uuid(&a.out.pin_id) };

	is_int(db_row(db, Q_PIN, id, 1, out, 6), DB_OK, "the new pin's row is read");
	ok(window == 600 && same == 1 && shard == 9 && state == PIN_WAITING && uuid_is_nil(&asset),
	    "the new pin waits until its default deadline");
	is_str(title, "one", "the new pin has its title");
	is_int(db_transact(db, work_pin, &b), DB_OK, "the same request is made again");
	ok(b.out.made == STORE_EXISTING && uuid_equal(&a.out.pin_id, &b.out.pin_id),
	    "the repeated request finds the existing pin");
	is_int(db_transact(db, work_pin, &c), DB_OK, "the key is used again with another title");
	is_int(c.out.made, STORE_CONFLICT, "a key used with another title conflicts");
	is_rows(db, 1, 0, 1, 1);
	is_int(db_transact(db, work_pin, &upper), DB_OK,
	    "a key that differs in case and blanks is used");
	is_int(upper.out.made, STORE_CREATED, "keys are compared byte by byte");
	exec(db, Q_DELETE_PIN, &a.out.pin_id);
	is_int(db_transact(db, work_pin, &b), DB_OK,
	    "the request is repeated after the pin was deleted");
	is_int(b.out.made, STORE_GONE, "a deleted pin is reported gone, and its key stays used");
	is_rows(db, 2, 0, 2, 2);
}

static void
test_deadline(struct db *db)
{
	struct make m = make_new("k-deadline", "one", TIME_NONE);
	int64_t window, n[3];
	const char *title;
	struct uuid asset;
	struct db_col out[] = { db_get_int(&window), db_get_int(&n[0]), db_get_int(&n[1]),
		db_get_int(&n[2]), db_get_text(&title), db_get_uuid(&asset) };

	m.p.not_after_us = clock_wall_us() + 5000 * US_PER_S;
	m.p.content.asset_id = project;
	must(db_transact(db, work_pin, &m));
	const struct db_param id[] = { db_uuid(&m.out.pin_id) };

	is_int(db_row(db, Q_PIN, id, 1, out, 6), DB_OK, "a pin with a given deadline is read");
	ok(window > 4990 && window <= 5000 && uuid_equal(&asset, &project),
	    "the pin keeps the given deadline and asset");
}

static void
test_schedules(struct db *db)
{
	int64_t at = clock_wall_us() / US_PER_S * US_PER_S + 3600 * US_PER_S, run, not_after, due;
	struct make a = make_new("s1", "one", at), b = make_new("s1", "one", at + 1);
	struct make none = make_new(NULL, "one", at), as_pin = make_new("s1", "one", TIME_NONE);
	struct make row = make_new("s2", "row", at);
	int64_t state;
	const char *description;
	struct db_col out[] = { db_get_time(&run), db_get_time(&not_after), db_get_time(&due),
		db_get_int(&state), db_get_text(&description) };

	exec(db, Q_LANE_RESET, NULL);
	is_int(db_transact(db, work_schedule, &a), DB_OK, "a schedule is stored");
	ok(a.out.made == STORE_CREATED && uuid_is_nil(&a.out.pin_id),
	    "a new schedule is created without a pin");
	is_int(lane_due(db), 0, "a new schedule does not wake its lane");
	const struct db_param id[] = { db_uuid(&a.out.schedule_id) };

	is_int(db_row(db, Q_SCHEDULE, id, 1, out, 5), DB_OK, "the new schedule's row is read");
	ok(run == at && due == at && not_after == at + 600 * US_PER_S && state == PIN_PLANNED &&
		description == NULL,
	    "the new schedule is planned for its time");
	is_int(
	    db_transact(db, work_schedule, &b), DB_OK, "the key is used again with another time");
	is_int(b.out.made, STORE_CONFLICT, "a key used with another time conflicts");
	is_int(db_transact(db, work_pin, &as_pin), DB_OK, "a schedule's key is used for a pin");
	is_int(as_pin.out.made, STORE_CONFLICT, "pins and schedules share one key name space");
	exec(db, Q_CANCEL, &a.out.schedule_id);
	is_int(db_transact(db, work_schedule, &a), DB_OK,
	    "the request is repeated after the schedule was canceled");
	is_int(a.out.made, STORE_EXISTING, "a canceled schedule is reported as existing");
	exec(db, Q_DELETE_SCHEDULE, &a.out.schedule_id);
	is_int(db_transact(db, work_schedule, &a), DB_OK,
	    "the request is repeated after the schedule was deleted");
	is_int(a.out.made, STORE_GONE, "a deleted schedule is reported gone");
	must(db_transact(db, work_schedule, &none));
	is_int(db_transact(db, work_schedule, &none), DB_OK, "a schedule without a key is made");
	is_int(none.out.made, STORE_CREATED, "without a key each request makes a new schedule");
	must(db_transact(db, work_schedule, &row));
	is_rows(db, 3, 4, 7, 5);
}

/* What a used key stands for. */
static void
test_keys(struct db *db)
{
	struct make m = make_new("k-used", "one", TIME_NONE);
	struct pin_new other;
	struct store_key used;
	int64_t before_us = clock_wall_us();

	is_int(store_key_get(db, &project, "k-used", &used), DB_NONE, "an unused key is not found");
	must(db_transact(db, work_pin, &m));
	is_int(store_key_get(db, &other_project, "k-used", &used), DB_NONE,
	    "a key of another project is not found");
	is_int(store_key_get(db, &project, "k-used", &used), DB_OK, "a used key is found");
	ok(uuid_equal(&used.ids.pin_id, &m.out.pin_id) && uuid_is_nil(&used.ids.schedule_id),
	    "a used key has the id of its pin");
	ok(used.checked_us < before_us - 3500 * US_PER_S &&
		used.checked_us > before_us - 3700 * US_PER_S,
	    "a used key allows for an hour between clocks");
	is_int(store_key_compare(&used, &m.p), STORE_EXISTING, "the same content exists");
	is_int(used.ids.made, STORE_EXISTING, "the comparison is kept with the ids");
	other = m.p;
	other.content.title = "two";
	is_int(store_key_compare(&used, &other), STORE_CONFLICT, "other content conflicts");
	exec(db, Q_DELETE_PIN, &m.out.pin_id);
	must(store_key_get(db, &project, "k-used", &used));
	is_int(store_key_compare(&used, &m.p), STORE_GONE, "what was deleted is gone");
}

static enum db_rc
work_event(struct db *db, void *arg)
{
	return store_events(db, arg, 1, 86400);
}

static void
add_hook(struct db *db, const struct uuid *of, int64_t bits, int64_t enabled, int64_t deleted)
{
	struct uuid id = uuid_v7(clock_wall_us());
	const struct db_param in[] = { db_uuid(&id), db_uuid(of), db_int(bits), db_int(enabled),
		db_int(deleted) };

	must(db_exec(db, Q_SEED_HOOK, in, 5, NULL));
}

static void
test_events(struct db *db)
{
	const struct event_pin facts = { .pin_id = lane,
		.account_id = account,
		.status = "failed",
		.content.board_id = "123",
		.run_at_us = 0,
		.published_at_us = TIME_NONE };
	struct event e = { .type = EVENT_PIN_FAILED,
		.id = uuid_v7(clock_wall_us()),
		.at_us = clock_wall_us(),
		.project_id = project,
		.environment = "sandbox",
		.subject = EVENT_OF_PIN,
		.subject_id = lane,
		.version = 3,
		.put = event_put_pin,
		.facts = &facts };
	int64_t n[4];
	struct db_col out[] = { db_get_int(&n[0]), db_get_int(&n[1]), db_get_int(&n[2]),
		db_get_int(&n[3]) };
	const struct db_param id[] = { db_uuid(&e.id) };

	add_hook(db, &project, 2, 1, 0);
	add_hook(db, &project, 3, 1, 0);
	add_hook(db, &project, 3, 0, 0);
	add_hook(db, &project, 1, 1, 0); /* not subscribed to this type */
	add_hook(db, &project, 3, 1, 1); /* deleted */
	add_hook(db, &other_project, 3, 1, 0);
	is_int(db_transact(db, work_event, &e), DB_OK, "an event is stored");
	is_int(db_row(db, Q_DELIVERIES, id, 1, out, 4), DB_OK, "the event's deliveries are read");
	ok(n[0] == 2 && n[1] == 1 && n[2] == 3 && n[3] == 3,
	    "two deliveries are pending, one is skipped");
	e.id = uuid_v7(clock_wall_us());
	is_int(db_transact(db, work_event, &e), DB_DUP,
	    "a second event for the same version is refused");
	e.subject = EVENT_OF_ACCOUNT;
	is_int(db_transact(db, work_event, &e), DB_OK,
	    "another subject with the same id has its own event");
	e.id = uuid_v7(clock_wall_us());
	e.version = 4;
	is_int(db_transact(db, work_event, &e), DB_OK, "the next version has its own event");
}

static void
test_wake(struct db *db)
{
	int64_t later = 2000000000000000, sooner = 1900000000000000, at;
	struct db_col out[] = { db_get_time(&at) };

	exec(db, Q_LANE_RESET, NULL);
	must(store_lane_wake(db, &lane, later));
	must(db_row(db, Q_LANE_AT, NULL, 0, out, 1));
	is_int(at, later, "a sleeping lane wakes at the given time");
	must(store_lane_wake(db, &lane, sooner));
	must(store_lane_wake(db, &lane, later));
	must(db_row(db, Q_LANE_AT, NULL, 0, out, 1));
	is_int(at, sooner, "a lane wakes at the earlier of two times");
	is_int(store_lane_wake(db, &project, later), DB_OK, "waking an unknown lane does nothing");
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
	conf = with_db_conf(with_db_fresh("store"));
	db = db_open(&conf, NULL, 0, DB_USER_CTL);
	if (store_migrate(db, &why) != DB_OK)
		printf("Bail out! %s\n", why);
	db_close(db);
	memcpy(table, sql_stmts, SQL__COUNT * sizeof(table[0]));
	memcpy(table + SQL__COUNT, extra, sizeof(extra));
	db = db_open(&conf, table, Q__END, DB_USER_APP);
	db_use(db, mem);
	seed(db);
	test_account(db);
	test_pins(db);
	test_deadline(db);
	test_schedules(db);
	test_keys(db);
	test_events(db);
	test_wake(db);
	db_close(db);
	with_db_drop(conf.database);
	arena_free(mem);
	return tap_done();
}
