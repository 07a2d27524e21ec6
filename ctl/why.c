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
#include "lib/why.h"
#include "sql/stmt.h"
#include "sql/store_why.h"

#define TEXT_SHOWN_MAX 4096
#define ATTEMPTS_SHOWN 20

struct attempt_row {
	struct ctl *c;
	int64_t now, n, opened, gate, closed, outcome, http, code;
	int64_t next;
	const char *message, *rid, *rule;
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
state_name(enum pin_state state)
{
	return state < PIN_STATE__COUNT ? pin_state_name(state) : "?";
}

/* What holds it, of the conditions that must all be met. */
static void
print_conditions(struct ctl *c, const struct why *w, int64_t now)
{
	for (int i = 0; w->open && i < WHY_CONDITION__COUNT; i++) {
		const struct why_state *s = &w->conditions[i];
		const char *until = s->met || s->until_us == TIME_NONE
					? ""
					: arena_printf(c->mem, " (until %s)",
					      format_time(c->mem, s->until_us, now));

		print_line(why_condition_name((enum why_condition)i),
		    arena_printf(c->mem, "%s  %s%s", s->met ? "yes" : "NO ", s->message, until));
	}
}

static void
print_answer(struct ctl *c, const struct store_why *o, const struct why *w)
{
	print_line("why", w->sentence);
	print_line("", w->detail);
	if (w->todo != NULL)
		print_line("do", arena_printf(c->mem, "%s (%s)", w->todo, hand_wire(w->hand)));
	print_time_line(c, "expected", w->expected_us, o->facts.now_us);
	print_line("app", o->app_message);
	print_conditions(c, w, o->facts.now_us);
}

static void
print_state(struct ctl *c, const struct store_why *o)
{
	const struct why_facts *f = &o->facts;
	int64_t now = f->now_us;

	print_line("state", state_name(f->state));
	switch (f->state) {
	case PIN_SENDING: print_time_line(c, "known by", f->busy_until_us, now); break;
	case PIN_VERIFYING:
		print_time_line(c, "next lookup", f->due_us, now);
		print_time_line(c, "first absent", o->absent_us, now);
		break;
	case PIN_PUBLISHED:
		print_line("pinterest id", f->pinterest_pin_id);
		print_line("confirmed by", o->confirmed_by);
		break;
	case PIN_WAITING: print_time_line(c, "next turn", o->next_turn_us, now); break;
	case PIN_FAILED:
	case PIN_PLANNED:
	case PIN_CANCELED:
	case PIN_STATE__COUNT: break;
	}
	print_time_line(c, "published", f->published_us, now);
	print_time_line(c, "failed", f->failed_us, now);
	print_time_line(c, "deleted", f->deleted_us, now);
	print_time_line(c, "run at", f->run_at_us, now);
	print_time_line(c, "given up at", f->not_after_us, now);
	print_line("error", f->error_code);
	print_line("", f->error_message);
	print_line("may be", o->candidates);
}

static void
print_subject(struct ctl *c, const struct store_why *o)
{
	char id[UUID_TEXT_SIZE];

	if (!uuid_is_nil(&o->schedule_id))
		print_line("schedule", uuid_format(&o->schedule_id, id));
	if (!uuid_is_nil(&o->pin_id))
		print_line("pin", uuid_format(&o->pin_id, id));
	print_line("title", o->title);
	print_line("project", arena_printf(c->mem, "%s  %s (%s)", uuid_format(&o->project_id, id),
				  o->project_name, format_environment(o->environment)));
	print_line("account", arena_printf(c->mem, "%s  %s", uuid_format(&o->account_id, id),
				  o->username ? o->username : ""));
	print_line("needs owner", o->health_code);
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
		    "ANSWER", "HTTP", "CODE", "RULE  MESSAGE");
	printf("%3" PRId64 "  %-34s  %-8s  %-8s  %4s  %5s  ", a->n,
	    format_time(a->c->mem, a->opened, a->now), time_after(a, a->gate, "no"),
	    time_after(a, a->closed, "open"), print_number(a, a->http), print_number(a, a->code));
	printf("%s  ", a->rule != NULL ? a->rule : "-");
	print_text(a->message != NULL ? a->message : "");
	if (a->rid != NULL)
		printf("  rid %s", a->rid);
	putchar('\n');
}

static enum db_rc
print_attempts(struct ctl *c, const struct uuid *pin, int64_t now)
{
	struct attempt_row a = { .c = c, .now = now };

	return db_each(c->db,
	    SQL_IN(attempt_list_of_pin, .pin = db_uuid(pin), .project = db_null(),
		.most = db_int(ATTEMPTS_SHOWN)),
	    SQL_OUT(attempt_list_of_pin, .number = db_get_int(&a.n),
		.opened_at = db_get_time(&a.opened), .gate_at = db_get_time(&a.gate),
		.closed_at = db_get_time(&a.closed), .outcome = db_get_int(&a.outcome),
		.http_status = db_get_int(&a.http), .pinterest_code = db_get_int(&a.code),
		.message = db_get_text(&a.message), .request_id = db_get_text(&a.rid),
		.rule = db_get_text(&a.rule), .next_at = db_get_time(&a.next)),
	    print_attempt, &a);
}

static enum db_rc
why_print(struct ctl *c, const struct uuid *id)
{
	struct store_why o;
	enum db_rc rc = store_why_pin(c->db, NULL, id, &o);
	struct why w;

	if (rc == DB_NONE)
		rc = store_why_schedule(c->db, NULL, id, &o);
	if (rc != DB_OK)
		return rc;
	w = why(&o.facts, c->mem);
	print_subject(c, &o);
	print_answer(c, &o, &w);
	print_state(c, &o);
	if (uuid_is_nil(&o.pin_id))
		return DB_OK;
	printf("%-14s %" PRId64 "\n", "retries spent", o.retries_spent);
	return print_attempts(c, &o.pin_id, o.facts.now_us);
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
	enum db_rc rc;

	if (!args_parse(argc, argv, NULL, 0, &text, 1) || text == NULL)
		return CTL_USAGE;
	if (parse_id(text, &id) != 0)
		return ctl_fail("%s: not an id", text);
	rc = why_print(c, &id);
	if (rc == DB_NONE)
		return ctl_fail("there is no pin and no schedule %s", text);
	return rc == DB_OK ? CTL_OK : ctl_db_fail("why", rc);
}
