/* `pintempo status`: what waits and why, workers, table sizes. Every query is bounded. */
#include "ctl/status.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/recover.h"
#include "ctl/format.h"
#include "lib/clock.h"
#include "lib/keyring.h"
#include "lib/wait.h"
#include "sql/instance_key.h"
#include "sql/stmt.h"

#define WAITING_MOST 100000

/* One row of the table being printed. */
struct row {
	struct ctl *c;
	int64_t now, n[6], at[4];
	const char *text[2];
	unsigned rows;
};

static enum db_rc
print_recovering(struct row *r)
{
	const struct uuid owner = recover_owner();
	enum db_rc rc = db_row(r->c->db, SQL_IN(shard_count_owned, .owner = db_uuid(&owner)),
	    SQL_OUT(shard_count_owned, .owned = db_get_int(&r->n[0])));

	if (rc == DB_OK && r->n[0] > 0)
		puts("RECOVER     `pintempo recover` is running or was interrupted: nothing is "
		     "published until\n            it completes. If it is not running, run it "
		     "again.\n");
	return rc;
}

/* Who may not read the key file is told nothing of it. */
static enum db_rc
print_instance_key(struct row *r)
{
	const char *path = r->c->conf->key_file;
	char fault[KEYRING_WHY_SIZE];
	struct instance_key key;
	struct keyring *keys;
	enum db_rc rc;

	if (access(path, R_OK) != 0 && errno == EACCES)
		return DB_OK;
	keys = keyring_read(path, fault);
	if (keys == NULL) {
		printf("KEY         %s: %s: the programs do not start\n\n", path, fault);
		return DB_OK;
	}
	rc = instance_key_check(r->c->db, keys, true, &key);
	keyring_free(keys);
	if (rc == DB_OK && key.state != INSTANCE_KEY_RIGHT)
		printf("KEY         %s: the programs do not start\n\n",
		    instance_key_why(&key, path, r->c->mem));
	return rc;
}

static enum db_rc
print_lanes(struct row *r)
{
	enum db_rc rc = db_row(r->c->db, SQL_IN(lane_summary),
	    SQL_OUT(lane_summary, .total = db_get_int(&r->n[0]), .due = db_get_int(&r->n[1]),
		.later = db_get_int(&r->n[2]), .held = db_get_int(&r->n[3]),
		.busy = db_get_int(&r->n[4]), .oldest = db_get_time(&r->at[0])));

	if (rc == DB_OK)
		printf("LANES       %" PRId64 "  with work due: %" PRId64 "  later: %" PRId64
		       "  held: %" PRId64 "  sending: %" PRId64 "  next work: %s\n",
		    r->n[0], r->n[1], r->n[2], r->n[3], r->n[4],
		    format_distance(r->c->mem, r->at[0], r->now));
	return rc;
}

static enum db_rc
print_schedules(struct row *r)
{
	enum db_rc rc = db_row(r->c->db, SQL_IN(schedule_overdue_summary),
	    SQL_OUT(schedule_overdue_summary, .oldest = db_get_time(&r->at[0]),
		.overdue = db_get_int(&r->n[0])));

	if (rc == DB_OK)
		printf("SCHEDULES   due and not promoted: %" PRId64 "%s  oldest: %s\n", r->n[0],
		    r->n[0] == 10000 ? " or more" : "",
		    format_distance(r->c->mem, r->at[0], r->now));
	return rc;
}

static enum db_rc
print_deliveries(struct row *r)
{
	enum db_rc rc = db_row(r->c->db, SQL_IN(delivery_summary),
	    SQL_OUT(delivery_summary, .pending = db_get_int(&r->n[0]),
		.overdue = db_get_int(&r->n[1]), .oldest = db_get_time(&r->at[0])));

	if (rc == DB_OK)
		printf("DELIVERIES  pending: %" PRId64 "%s  due now: %" PRId64 "  next: %s\n",
		    r->n[0], r->n[0] == 100000 ? " or more" : "", r->n[1],
		    format_distance(r->c->mem, r->at[0], r->now));
	return rc;
}

static void
print_app(void *arg)
{
	struct row *r = arg;

	const char *env = format_environment(r->n[0]);

	if (r->at[0] != TIME_NONE) {
		printf("STOPPED     %s: nothing is sent since %s: %s\n            %s\n", env,
		    format_time(r->c->mem, r->at[0], r->now), wait_message((enum wait_code)r->n[1]),
		    r->text[0] != NULL ? r->text[0] : "");
		printf("            creates answered so: %" PRId64
		       "; the next is tried %s, at once "
		       "after `pintempo resume app %s`\n",
		    r->n[2], format_distance(r->c->mem, r->at[2], r->now), env);
	}
	if (r->at[1] != TIME_NONE && r->at[1] > r->now)
		printf("HELD        %s: it is held, because a limit of the whole app is used up; "
		       "until %s\n",
		    env, format_time(r->c->mem, r->at[1], r->now));
	if (r->at[3] != TIME_NONE && r->now - r->at[3] < 3600 * US_PER_S)
		printf("NOT PINTEREST  %s: %s, %s\n", env, r->text[1] != NULL ? r->text[1] : "",
		    format_distance(r->c->mem, r->at[3], r->now));
}

static enum db_rc
print_apps(struct row *r)
{
	r->rows = 0;
	return db_each(r->c->db, SQL_IN(app_list_stopped),
	    SQL_OUT(app_list_stopped, .environment = db_get_int(&r->n[0]),
		.stopped_at = db_get_time(&r->at[0]), .hold_until = db_get_time(&r->at[1]),
		.stop_code = db_get_int(&r->n[1]), .message = db_get_text(&r->text[0]),
		.answers = db_get_int(&r->n[2]), .probe_at = db_get_time(&r->at[2]),
		.foreign_at = db_get_time(&r->at[3]), .foreign_message = db_get_text(&r->text[1])),
	    print_app, r);
}

static void
print_reason(void *arg)
{
	struct row *r = arg;
	const char *message = "its turn";

	if (r->n[0] > WAIT_NONE && r->n[0] < WAIT__COUNT)
		message = wait_message((enum wait_code)r->n[0]);
	if (r->rows++ == 0)
		printf("\n%-10s  %-16s  %-16s  %s\n", "WAITING", "OLDEST", "RELEASE", "REASON");
	printf("%-10" PRId64 "  %-16s  %-16s  %s\n", r->n[1],
	    format_distance(r->c->mem, r->at[0], r->now),
	    format_distance(r->c->mem, r->at[1], r->now), message);
}

static enum db_rc
print_waiting_pins(struct row *r)
{
	enum db_rc rc;

	r->rows = 0;
	rc = db_each(r->c->db, SQL_IN(pin_waiting_summary, .most = db_int(WAITING_MOST)),
	    SQL_OUT(pin_waiting_summary, .wait_code = db_get_int(&r->n[0]),
		.pins = db_get_int(&r->n[1]), .oldest = db_get_time(&r->at[0]),
		.soonest = db_get_time(&r->at[1])),
	    print_reason, r);
	if (rc == DB_OK && r->rows == 0)
		puts("WAITING     nothing");
	return rc;
}

static const char *
worker_state(const struct row *r)
{
	if (r->at[3] != TIME_NONE)
		return "stopped";
	if (r->n[1] == 0)
		return "once";
	return r->now - r->at[1] > 30 * US_PER_S ? "SILENT" : "alive";
}

static void
print_worker(void *arg)
{
	struct row *r = arg;

	if (r->rows++ == 0)
		printf("\n%-8s  %-8s  %-10s  %6s  %-12s  %-12s  %s\n", "WORKER", "STATE", "VERSION",
		    "SHARDS", "STARTED", "SEEN", "EXPECTED");
	printf("%-8" PRId64 "  %-8s  %-10s  %6" PRId64 "  %-12s  %-12s  %s\n", r->n[0],
	    worker_state(r), r->text[0], r->n[2], format_distance(r->c->mem, r->at[0], r->now),
	    format_distance(r->c->mem, r->at[1], r->now),
	    format_distance(r->c->mem, r->at[2], r->now));
}

static enum db_rc
print_workers(struct row *r)
{
	enum db_rc rc;

	r->rows = 0;
	rc = db_each(r->c->db, SQL_IN(worker_list),
	    SQL_OUT(worker_list, .pid = db_get_int(&r->n[0]), .resident = db_get_int(&r->n[1]),
		.version = db_get_text(&r->text[0]), .started_at = db_get_time(&r->at[0]),
		.seen_at = db_get_time(&r->at[1]), .expected_at = db_get_time(&r->at[2]),
		.stopped_at = db_get_time(&r->at[3]), .shards = db_get_int(&r->n[2])),
	    print_worker, r);
	if (rc == DB_OK && r->rows == 0)
		puts("\nWORKER      none in the last hour: nothing is published. Start "
		     "pintempo-worker.");
	return rc;
}

static void
print_table(void *arg)
{
	struct row *r = arg;

	if (r->rows++ == 0)
		printf("\n%-20s  %12s  %12s\n", "TABLE", "ROWS (ABOUT)", "SIZE");
	printf(
	    "%-20s  %12" PRId64 "  %12s\n", r->text[0], r->n[0], format_bytes(r->c->mem, r->n[1]));
}

static void
print_oldest(void *arg)
{
	struct row *r = arg;

	if (r->at[0] == TIME_NONE)
		return;
	printf("%s%s %s", r->rows++ == 0 ? "\nOLDEST ROW  " : ", ", r->text[0],
	    format_distance(r->c->mem, r->at[0], r->now));
}

static enum db_rc
print_oldest_rows(struct row *r)
{
	enum db_rc rc;

	r->rows = 0;
	rc = db_each(r->c->db, SQL_IN(table_oldest_rows),
	    SQL_OUT(table_oldest_rows, .table_name = db_get_text(&r->text[0]),
		.oldest = db_get_time(&r->at[0])),
	    print_oldest, r);
	if (r->rows > 0)
		putchar('\n');
	return rc;
}

static enum db_rc
print_tables(struct row *r)
{
	r->rows = 0;
	return db_each(r->c->db, SQL_IN(table_sizes),
	    SQL_OUT(table_sizes, .table_name = db_get_text(&r->text[0]),
		.table_rows = db_get_int(&r->n[0]), .bytes = db_get_int(&r->n[1])),
	    print_table, r);
}

int
status_run(struct ctl *c, int argc, char **argv)
{
	static enum db_rc (*const parts[])(struct row *) = { print_recovering, print_instance_key,
		print_lanes, print_schedules, print_deliveries, print_apps, print_waiting_pins,
		print_workers, print_tables, print_oldest_rows };
	struct row r = { .c = c };
	enum db_rc rc;
	size_t i;

	(void)argv;
	if (argc > 0)
		return CTL_USAGE;
	rc = db_now(c->db, &r.now);
	for (i = 0; i < DB_LEN(parts) && rc == DB_OK; i++)
		rc = parts[i](&r);
	return rc == DB_OK ? CTL_OK : ctl_db_fail("status", rc);
}
