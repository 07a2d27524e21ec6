/* `pintempo why ID`: explains why a pin or schedule is not on Pinterest yet. */
#include "ctl/why.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/args.h"
#include "lib/clock.h"
#include "lib/pin.h"
#include "lib/escape.h"
#include "lib/wait.h"
#include "sql/stmt.h"

#define TEXT_SHOWN_MAX 4096

struct pin_row {
	struct uuid id, project, account, schedule;
	int64_t environment, state, retries_spent, wait_code, shard;
	int64_t run_at, not_after, due_at, published_at, failed_at, deleted_at, absent_at,
	    wait_until;
	int64_t next_turn_at, busy_until, lease_until;
	const char *project_name, *username, *health, *health_message, *title, *error_code,
	    *error_message;
	const char *pinterest_id, *confirmed_by, *candidates;
	const char *app_message; /* why the app is stopped; NULL: it is not */
};

struct attempt_row {
	struct ctl *c;
	int64_t now, n, opened, gate, closed, outcome, http, code;
	const char *message, *rid;
	unsigned rows;
};

/* On one line, whatever is in it. */
static void
print_text(const char *text)
{
	char line[TEXT_SHOWN_MAX];
	size_t left, n;

	n = escape_append(line, 0, sizeof line, text, strlen(text), &left);
	printf("%.*s%s", (int)n, line, left > 0 ? "..." : "");
}

static void
print_line(const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0' || strcmp(value, "-") == 0)
		return;
	printf("%-14s ", name);
	print_text(value);
	putchar('\n');
}

static void
print_time_line(struct ctl *c, const char *name, int64_t us, int64_t now)
{
	if (us != TIME_NONE)
		print_line(name, format_time(c->mem, us, now));
}

static const char *
state_name(int64_t state)
{
	return state >= 0 && state < PIN_STATE__COUNT ? pin_state_name((enum pin_state)state) : "?";
}

static enum db_rc
read_pin_row(struct ctl *c, const struct uuid *id, struct pin_row *p)
{
	return db_row(c->db, SQL_IN(pin_explain, .pin = db_uuid(id)),
	    SQL_OUT(pin_explain, .id = db_get_uuid(&p->id), .project_id = db_get_uuid(&p->project),
		.name = db_get_text(&p->project_name), .environment = db_get_int(&p->environment),
		.account_id = db_get_uuid(&p->account), .username = db_get_text(&p->username),
		.health_code = db_get_text(&p->health),
		.health_message = db_get_text(&p->health_message),
		.schedule_id = db_get_uuid(&p->schedule), .state = db_get_int(&p->state),
		.title = db_get_text(&p->title), .run_at = db_get_time(&p->run_at),
		.not_after = db_get_time(&p->not_after), .due_at = db_get_time(&p->due_at),
		.retries_spent = db_get_int(&p->retries_spent),
		.error_code = db_get_text(&p->error_code),
		.error_message = db_get_text(&p->error_message),
		.pinterest_pin_id = db_get_text(&p->pinterest_id),
		.confirmed_by = db_get_text(&p->confirmed_by),
		.published_at = db_get_time(&p->published_at),
		.failed_at = db_get_time(&p->failed_at), .deleted_at = db_get_time(&p->deleted_at),
		.absent_at = db_get_time(&p->absent_at), .candidates = db_get_text(&p->candidates),
		.wait_code = db_get_int(&p->wait_code), .wait_until = db_get_time(&p->wait_until),
		.next_turn_at = db_get_time(&p->next_turn_at),
		.busy_until = db_get_time(&p->busy_until), .shard = db_get_int(&p->shard),
		.lease_until = db_get_time(&p->lease_until),
		.app_message = db_get_text(&p->app_message)));
}

/* The answer to "why". */
static void
print_waiting(struct ctl *c, const struct pin_row *p, int64_t now)
{
	const char *reason = "its turn in the lane";

	if (p->lease_until == TIME_NONE || p->lease_until < now) {
		printf("%-14s no worker holds its shard (%" PRId64
		       "); is pintempo-worker running?\n",
		    "waits for", p->shard);
		return;
	}
	if (p->wait_code > WAIT_NONE && p->wait_code < WAIT__COUNT)
		reason =
		    wait_message_until((enum wait_code)p->wait_code, p->wait_until, p->not_after);
	else if (p->due_at > now)
		reason = "its time";
	print_line("waits for", reason);
	print_line("", p->app_message);
	if (p->wait_until != TIME_NONE || p->due_at > now)
		print_time_line(
		    c, "until", p->wait_until != TIME_NONE ? p->wait_until : p->due_at, now);
	print_time_line(c, "next turn", p->next_turn_at, now);
}

static void
print_state(struct ctl *c, const struct pin_row *p, int64_t now)
{
	switch ((enum pin_state)p->state) {
	case PIN_WAITING:
		/* a deleted pin waits for nothing */
		if (p->deleted_at == TIME_NONE)
			print_waiting(c, p, now);
		break;
	case PIN_SENDING:
		print_line("is", "being sent to Pinterest");
		print_time_line(c, "known by", p->busy_until, now);
		break;
	case PIN_VERIFYING:
		print_line("is", "being looked up on Pinterest: its create got no usable answer");
		print_time_line(c, "next lookup", p->due_at, now);
		print_time_line(c, "first absent", p->absent_at, now);
		break;
	case PIN_PUBLISHED:
		print_line("pinterest id", p->pinterest_id);
		print_line("confirmed by", p->confirmed_by);
		print_time_line(c, "published", p->published_at, now);
		break;
	case PIN_FAILED: print_time_line(c, "failed", p->failed_at, now); break;
	case PIN_PLANNED:
	case PIN_CANCELED:
	case PIN_STATE__COUNT: break;
	}
}

static void
print_pin(struct ctl *c, const struct pin_row *p, int64_t now)
{
	char id[UUID_TEXT_SIZE];

	print_line("pin", uuid_format(&p->id, id));
	print_line("title", p->title);
	print_line("project", arena_printf(c->mem, "%s  %s (%s)", uuid_format(&p->project, id),
				  p->project_name, format_environment(p->environment)));
	print_line("account", arena_printf(c->mem, "%s  %s", uuid_format(&p->account, id),
				  p->username ? p->username : ""));
	print_line("needs owner", p->health);
	print_line("", p->health_message);
	if (!uuid_is_nil(&p->schedule))
		print_line("schedule", uuid_format(&p->schedule, id));
	print_line("state", state_name(p->state));
	print_state(c, p, now);
	print_time_line(c, "deleted", p->deleted_at, now);
	print_time_line(c, "run at", p->run_at, now);
	print_time_line(c, "given up at", p->not_after, now);
	print_line("error", p->error_code);
	print_line("", p->error_message);
	print_line("may be", p->candidates);
	printf("%-14s %" PRId64 "\n", "retries spent", p->retries_spent);
}

/* Milliseconds since the attempt was opened, or `never`. */
static const char *
time_after(const struct attempt_row *a, int64_t us, const char *never)
{
	int64_t ms = (us - a->opened) / US_PER_MS;

	return us == TIME_NONE ? never : arena_printf(a->c->mem, "%" PRId64 " ms", ms);
}

static const char *
print_number(const struct attempt_row *a, int64_t n)
{
	return n == 0 ? "-" : arena_printf(a->c->mem, "%" PRId64, n);
}

static void
print_attempt(void *arg)
{
	struct attempt_row *a = arg;

	if (a->rows++ == 0)
		printf("\n%3s  %-34s  %-8s  %-8s  %4s  %5s  %s\n", "TRY", "OPENED", "LEFT",
		    "ANSWER", "HTTP", "CODE", "MESSAGE");
	printf("%3" PRId64 "  %-34s  %-8s  %-8s  %4s  %5s  ", a->n,
	    format_time(a->c->mem, a->opened, a->now), time_after(a, a->gate, "no"),
	    time_after(a, a->closed, "open"), print_number(a, a->http), print_number(a, a->code));
	print_text(a->message != NULL ? a->message : "");
	if (a->rid != NULL)
		printf("  rid %s", a->rid);
	putchar('\n');
}

static enum db_rc
print_attempts(struct ctl *c, const struct uuid *pin, int64_t now)
{
	struct attempt_row a = { .c = c, .now = now };

	return db_each(c->db, SQL_IN(attempt_list_of_pin, .pin = db_uuid(pin)),
	    SQL_OUT(attempt_list_of_pin, .number = db_get_int(&a.n),
		.opened_at = db_get_time(&a.opened), .gate_at = db_get_time(&a.gate),
		.closed_at = db_get_time(&a.closed), .outcome = db_get_int(&a.outcome),
		.http_status = db_get_int(&a.http), .pinterest_code = db_get_int(&a.code),
		.message = db_get_text(&a.message), .request_id = db_get_text(&a.rid)),
	    print_attempt, &a);
}

static enum db_rc
why_pin(struct ctl *c, const struct uuid *id, int64_t now)
{
	struct pin_row p;
	enum db_rc rc;

	memset(&p, 0, sizeof(p));
	rc = read_pin_row(c, id, &p);
	if (rc != DB_OK)
		return rc;
	print_pin(c, &p, now);
	return print_attempts(c, id, now);
}

static enum db_rc
why_schedule(struct ctl *c, const struct uuid *id, int64_t now)
{
	char text[UUID_TEXT_SIZE];
	struct uuid project, pin;
	int64_t state, run_at, not_after, deleted_at, lease_until;
	const char *title, *error;
	enum db_rc rc = db_row(c->db, SQL_IN(schedule_explain, .schedule = db_uuid(id)),
	    SQL_OUT(schedule_explain, .project_id = db_get_uuid(&project),
		.state = db_get_int(&state), .title = db_get_text(&title),
		.run_at = db_get_time(&run_at), .not_after = db_get_time(&not_after),
		.pin_id = db_get_uuid(&pin), .last_error = db_get_text(&error),
		.deleted_at = db_get_time(&deleted_at), .lease_until = db_get_time(&lease_until)));

	if (rc != DB_OK)
		return rc;
	print_line("schedule", uuid_format(id, text));
	print_line("title", title);
	print_line("project", uuid_format(&project, text));
	print_line("state", state_name(state));
	print_time_line(c, "deleted", deleted_at, now);
	print_time_line(c, "run at", run_at, now);
	print_time_line(c, "given up at", not_after, now);
	print_line("error", error);
	if (state == PIN_PLANNED && run_at < now && (lease_until == TIME_NONE || lease_until < now))
		print_line(
		    "waits for", "a worker: none holds its shard; is pintempo-worker running?");
	if (uuid_is_nil(&pin))
		return DB_OK;
	putchar('\n');
	rc = why_pin(c, &pin, now);
	return rc == DB_NONE ? DB_OK : rc;
}

/* An id as the API shows it, or as HEX(id) from the database. */
static int
parse_id(const char *text, struct uuid *id)
{
	char dashed[UUID_TEXT_SIZE];

	if (strlen(text) != 2 * sizeof(id->b))
		return uuid_parse(text, id);
	snprintf(dashed, sizeof(dashed), "%.8s-%.4s-%.4s-%.4s-%.12s", text, text + 8, text + 12,
	    text + 16, text + 20);
	return uuid_parse(dashed, id);
}

int
why_run(struct ctl *c, int argc, char **argv)
{
	const char *text = NULL;
	struct uuid id;
	int64_t now;
	enum db_rc rc;

	if (!args_parse(argc, argv, NULL, 0, &text, 1) || text == NULL)
		return CTL_USAGE;
	if (parse_id(text, &id) != 0)
		return ctl_fail("%s: not an id", text);
	rc = db_now(c->db, &now);
	if (rc == DB_OK)
		rc = why_pin(c, &id, now);
	if (rc == DB_NONE)
		rc = why_schedule(c, &id, now);
	if (rc == DB_NONE)
		return ctl_fail("there is no pin and no schedule %s", text);
	return rc == DB_OK ? CTL_OK : ctl_db_fail("why", rc);
}
