/* `pintempo status`: what waits and why, workers, table sizes. Every query is bounded. */
#include "ctl/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/health.h"
#include "lib/clock.h"
#include "lib/url.h"
#include "lib/wait.h"
#include "sql/stmt.h"

/* Wrong arguments. Other exit codes are health levels, as monitoring expects them. */
#define STATUS_UNKNOWN 3

/* One row of the table being printed. */
struct row {
	struct ctl *c;
	int64_t now, n[6], at[4];
	const char *text[2];
	unsigned rows;
};

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

/* "@user of NAME", and the ids behind it for `why` and `pause`. */
static const char *
whose(struct ctl *c, const char *user, const char *project, const struct uuid *project_id)
{
	char id[UUID_TEXT_SIZE];

	return arena_printf(c->mem, "%s%s of \"%s\" (%s)", user != NULL ? "@" : "",
	    user != NULL ? user : "an account", project, uuid_format_project(project_id, id));
}

static void
print_reason(const struct health *h, const struct health_waiting *w)
{
	const char *message = "its turn";
	char id[UUID_TEXT_SIZE];

	if (w->code > WAIT_NONE && w->code < WAIT__COUNT)
		message = wait_message((enum wait_code)w->code);
	printf("%-10" PRId64 "  %-16s  %-16s  %s\n", w->pins,
	    format_distance(h->c->mem, w->oldest_us, h->now_us),
	    format_distance(h->c->mem, w->soonest_us, h->now_us), message);
	if (w->code != WAIT_NONE)
		printf("%-10s  %" PRId64 " %s%s %s, account %s\n", "", w->accounts,
		    w->accounts == 1 ? "account" : "accounts",
		    w->accounts == 1 ? ":" : ", most of them of",
		    whose(h->c, w->username, w->project, &w->project_id),
		    uuid_format(&w->account_id, id));
}

static void
print_waiting_pins(const struct health *h)
{
	if (h->waiting_len == 0)
		puts("WAITING     nothing");
	else
		printf("\n%-10s  %-16s  %-16s  %s\n", "WAITING", "OLDEST", "RELEASE", "REASON");
	for (size_t i = 0; i < h->waiting_len; i++)
		print_reason(h, &h->waiting[i]);
}

static void
print_accounts(const struct health *h)
{
	char id[UUID_TEXT_SIZE];

	for (size_t i = 0; i < h->accounts_len; i++) {
		const struct health_account *a = &h->accounts[i];

		printf("%s%-36s  %-16s  %-16s  %s\n",
		    i == 0 ? "\nRECONNECT                             SINCE             WHY\n" : "",
		    uuid_format(&a->id, id), format_distance(h->c->mem, a->since_us, h->now_us),
		    a->code != NULL ? a->code : "-",
		    whose(h->c, a->username, a->project, &a->project_id));
	}
	if (h->accounts_len > 0 && h->accounts[0].total > (int64_t)h->accounts_len)
		printf("and %" PRId64 " more\n", h->accounts[0].total - (int64_t)h->accounts_len);
}

/* Of its address only the host: the rest may be a secret. */
static void
print_webhook(const struct health *h, const struct health_webhook *w)
{
	const char *host = url_host(w->url, h->c->mem);
	char id[UUID_TEXT_SIZE], project[UUID_TEXT_SIZE];
	int64_t since_us = w->is_enabled ? w->failing_since_us : w->disabled_at_us;

	printf("%-36s  %-16s  %-10s  %s of \"%s\" (%s)\n            %s\n", uuid_format(&w->id, id),
	    format_distance(h->c->mem, since_us, h->now_us),
	    w->is_enabled       ? "failing"
	    : w->reason != NULL ? arena_printf(h->c->mem, "off: %s", w->reason)
				: "off",
	    host != NULL ? host : "?", w->project, uuid_format_project(&w->project_id, project),
	    w->error != NULL ? w->error : "-");
}

static void
print_webhooks(const struct health *h)
{
	if (h->webhooks_len > 0)
		puts("\nWEBHOOK                               SINCE             STATE       HOST");
	for (size_t i = 0; i < h->webhooks_len; i++)
		print_webhook(h, &h->webhooks[i]);
	if (h->webhooks_len > 0 && h->webhooks[0].total > (int64_t)h->webhooks_len)
		printf("and %" PRId64 " more\n", h->webhooks[0].total - (int64_t)h->webhooks_len);
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
		printf("\n%-8s  %-8s  %-25s  %6s  %-12s  %-12s  %s\n", "WORKER", "STATE", "VERSION",
		    "SHARDS", "STARTED", "SEEN", "EXPECTED");
	printf("%-8" PRId64 "  %-8s  %-25s  %6" PRId64 "  %-12s  %-12s  %s\n", r->n[0],
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
		puts("\nWORKER      none in the last hour");
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

static enum db_rc
print_parts(const struct health *h)
{
	static enum db_rc (*const before[])(
	    struct row *) = { print_lanes, print_schedules, print_deliveries, print_apps };
	static enum db_rc (*const after[])(
	    struct row *) = { print_workers, print_tables, print_oldest_rows };
	struct row r = { .c = h->c, .now = h->now_us };
	enum db_rc rc = DB_OK;
	size_t i;

	for (i = 0; i < DB_LEN(before) && rc == DB_OK; i++)
		rc = before[i](&r);
	if (rc != DB_OK)
		return rc;
	print_waiting_pins(h);
	print_accounts(h);
	print_webhooks(h);
	for (i = 0; i < DB_LEN(after) && rc == DB_OK; i++)
		rc = after[i](&r);
	return rc;
}

int
status_run(struct ctl *c, int argc, char **argv)
{
	struct health h = { .c = c };
	bool json = false, strict = false;
	const struct args_option options[] = { { .name = "--json", .on = &json },
		{ .name = "--strict", .on = &strict } };
	enum db_rc rc;

	if (!args_parse(argc, argv, options, DB_LEN(options), NULL, 0))
		return STATUS_UNKNOWN;
	rc = health_examine(&h);
	if (strict)
		health_strict(&h);
	if (json) {
		health_print_json(&h);
		return (int)h.worst;
	}
	health_print(&h);
	if (rc != DB_OK)
		return (int)h.worst;
	putchar('\n');
	rc = print_parts(&h);
	if (rc == DB_OK)
		return (int)h.worst;
	ctl_db_fail("status", rc);
	return HEALTH_BROKEN;
}
