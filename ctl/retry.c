/*
 * `pintempo retry`: after the cause of failures is mended. Shows what it would put back; each pin
 * then waits again as by its user's retry, at its account's pace.
 */
#include "ctl/retry.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/format.h"
#include "lib/clock.h"
#include "lib/rfc3339.h"
#include "sql/stmt.h"
#include "sql/store.h"
#include "sql/store_retry.h"

#define EXAMPLES 3
#define BATCH 32
#define FILTER(r)                                                                                  \
	.since = db_time((r)->since_us), .codes = db_text((r)->codes),                             \
	.project = db_uuid_or_null(&(r)->project),                                                 \
	.environment = (r)->environment >= 0 ? db_int((r)->environment) : db_null()

struct retry {
	struct ctl *c;
	int64_t since_us, environment; /* -1: both */
	const char *codes;             /* NULL: any */
	const char *title;             /* above the summary, unless NULL */
	struct uuid project;           /* nil: all */
	int64_t now;
	uint64_t pins, late,
	    gone; /* that can be put back; of these past their deadline; that cannot */
	uint64_t done, changed;
};

struct summary_row {
	struct retry *r;
	struct uuid project, account;
	const char *project_name, *username, *code;
	int64_t environment, pins, late, gone;
	bool headed;
};

struct pin_row {
	struct store_retry how;
	struct pin_content content;
	int64_t attempts, failed_us;
	const char *code, *message;
};

struct batch {
	struct pin_row row, rows[BATCH];
	size_t len;
};

static void
on_summary(void *arg)
{
	struct summary_row *s = arg;
	char project[UUID_TEXT_SIZE], account[UUID_TEXT_SIZE];

	if (!s->headed && s->r->title != NULL)
		puts(s->r->title);
	if (!s->headed)
		printf("%-6s  %-24s  %-10s  %-36s  %s\n", "PINS", "CODE", "", "ACCOUNT", "PROJECT");
	s->headed = true;
	printf("%-6" PRId64 "  %-24s  %-10s  %-36s  %s %s, account %s%s\n", s->pins, s->code,
	    format_environment(s->environment), uuid_format(&s->account, account),
	    uuid_format(&s->project, project), s->project_name, s->username,
	    s->gone ? ": not connected any more, left alone" : "");
	if (s->gone) {
		s->r->gone += (uint64_t)s->pins;
		return;
	}
	s->r->pins += (uint64_t)s->pins;
	s->r->late += (uint64_t)s->late;
}

static enum db_rc
show_summary(struct retry *r)
{
	struct summary_row s = { .r = r };

	return db_each(r->c->db, SQL_IN(pin_retry_summary, FILTER(r)),
	    SQL_OUT(pin_retry_summary, .project_id = db_get_uuid(&s.project),
		.project_name = db_get_text(&s.project_name),
		.environment = db_get_int(&s.environment), .account_id = db_get_uuid(&s.account),
		.username = db_get_text(&s.username), .error_code = db_get_text(&s.code),
		.pins = db_get_int(&s.pins), .late = db_get_int(&s.late),
		.gone = db_get_int(&s.gone)),
	    on_summary, &s);
}

static void
on_failed_pin(void *arg)
{
	struct batch *b = arg;

	b->rows[b->len++] = b->row;
}

static enum db_rc
read_failed_pins(struct retry *r, const struct uuid *after, int64_t limit, struct batch *b)
{
	struct pin_row *p = &b->row;

	b->len = 0;
	return db_each(r->c->db,
	    SQL_IN(pin_retry_list, FILTER(r), .after = db_uuid(after), .limit = db_int(limit)),
	    SQL_OUT(pin_retry_list, .id = db_get_uuid(&p->how.pin_id),
		.project_id = db_get_uuid(&p->how.project_id),
		.version = db_get_int(&p->how.version),
		.schedule_id = db_get_uuid(&p->how.schedule_id),
		.account_id = db_get_uuid(&p->how.account_id),
		.lane_id = db_get_uuid(&p->how.lane_id), .attempts = db_get_int(&p->attempts),
		.error_code = db_get_text(&p->code), .error_message = db_get_text(&p->message),
		.failed_at = db_get_time(&p->failed_us),
		.board_id = db_get_text(&p->content.board_id),
		.title = db_get_text(&p->content.title),
		.description = db_get_text(&p->content.description),
		.link_url = db_get_text(&p->content.link_url)),
	    on_failed_pin, b);
}

static enum db_rc
show_examples(struct retry *r)
{
	const struct uuid none = { 0 };
	struct arena *mem = r->c->mem;
	char id[UUID_TEXT_SIZE];
	struct batch b = { .row.how.shard = -1 };
	enum db_rc rc = read_failed_pins(r, &none, EXAMPLES, &b);

	for (size_t i = 0; rc == DB_OK && i < b.len; i++)
		printf("%s  %s  \"%s\", failed %s: %s\n", i == 0 ? "\nsuch as" : "       ",
		    uuid_format(&b.rows[i].how.pin_id, id), b.rows[i].content.title,
		    format_distance(mem, b.rows[i].failed_us, r->now), b.rows[i].message);
	return rc;
}

static void
show_plan(const struct retry *r)
{
	printf(
	    "\n%" PRIu64 " would wait again, each at its account's pace and daily cap.\n", r->pins);
	if (r->late > 0)
		printf("%" PRIu64 " of them are past their deadline; they get a new one, %" PRId64
		       " hours from now.\n",
		    r->late, r->c->conf->publish_window_s / 3600);
	if (r->gone > 0)
		printf("%" PRIu64 " are left alone: their account is not connected any more.\n",
		    r->gone);
}

/* ---- doing it ---- */

static enum db_rc
put_back(struct db *db, void *arg)
{
	static const struct actor by = { .type = "system", .label = "pintempo" };
	const struct store_retry *how = arg;
	const struct activity activity = { .action = ACTIVITY_PIN_RETRIED,
		.account_id = how->account_id,
		.resource_id = how->pin_id,
		.message = "The operator queued a failed pin again." };
	enum db_rc rc = store_retry(db, how);

	return rc == DB_OK ? store_activity(db, &how->project_id, &by, &activity) : rc;
}

static enum db_rc
put_back_all(struct retry *r)
{
	struct uuid after = { 0 };
	struct batch b = { .row.how.shard = -1 };
	enum db_rc rc;

	do {
		rc = read_failed_pins(r, &after, BATCH, &b);
		for (size_t i = 0; rc == DB_OK && i < b.len; i++) {
			struct pin_row *p = &b.rows[i];

			after = p->how.pin_id;
			p->how.content = &p->content;
			p->how.board_id = p->content.board_id;
			p->how.lookup = strcmp(p->code, "outcome_unknown") == 0 && p->attempts > 0;
			p->how.publish_window_s = r->c->conf->publish_window_s;
			rc = db_transact(r->c->db, put_back, &p->how);
			r->done += rc == DB_OK;
			r->changed += rc == DB_NONE;
			if (rc == DB_NONE)
				rc = DB_OK;
		}
	} while (rc == DB_OK && b.len == BATCH);
	return rc;
}

/* A code that was mistyped looks like a pin that never failed. */
static int
show_none(struct retry *r)
{
	enum db_rc rc;

	puts("No failed pin matches: nothing to do.");
	r->codes = NULL;
	r->title = "\nThese failed since then with other codes:";
	rc = show_summary(r);
	return rc == DB_OK ? CTL_OK : ctl_db_fail("retry", rc);
}

static bool
is_wanted(bool yes, const struct retry *r)
{
	char answer[16];

	if (yes)
		return true;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		puts("Nothing was changed. With --yes they are put back.");
		return false;
	}
	printf("Put back %" PRIu64 "? [y/N] ", r->pins);
	fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y'))
		return true;
	puts("Nothing was changed.");
	return false;
}

static int
retry_work(struct retry *r, bool yes)
{
	enum db_rc rc = show_summary(r);

	if (rc == DB_OK && r->pins + r->gone == 0)
		return show_none(r);
	if (rc == DB_OK)
		rc = show_examples(r);
	if (rc != DB_OK)
		return ctl_db_fail("retry", rc);
	show_plan(r);
	if (r->pins == 0 || !is_wanted(yes, r))
		return CTL_OK;
	rc = put_back_all(r);
	printf("%" PRIu64 " wait again.\n", r->done);
	if (r->changed > 0)
		printf("%" PRIu64 " were changed meanwhile and left alone.\n", r->changed);
	return rc == DB_OK ? CTL_OK : ctl_db_fail("retry (run it again for the rest)", rc);
}

/* Codes as the statement compares them, without blanks; NULL: these cannot be codes. */
static const char *
read_codes(struct arena *mem, const char *text)
{
	char *codes = arena_strdup(mem, text), *to = codes;

	for (; *text != '\0'; text++) {
		if (*text == ' ')
			continue;
		if (!((*text >= 'a' && *text <= 'z') || *text == '_' || *text == ','))
			return NULL;
		if (*text == ',' && (to == codes || to[-1] == ','))
			return NULL;
		*to++ = *text;
	}
	*to = '\0';
	return to == codes || to[-1] == ',' ? NULL : codes;
}

int
retry_run(struct ctl *c, int argc, char **argv)
{
	const char *since = NULL, *codes = NULL, *project = NULL, *env = NULL, *fault;
	struct retry r = { .c = c, .environment = -1 };
	bool yes = false;
	const struct args_option options[] = { { "--since", &since, NULL },
		{ "--code", &codes, NULL }, { "--project", &project, NULL },
		{ "--env", &env, NULL }, { "--yes", NULL, &yes } };
	enum db_rc rc;

	if (!args_parse(argc, argv, options, DB_LEN(options), NULL, 0) || since == NULL ||
	    codes == NULL)
		return CTL_USAGE;
	r.codes = read_codes(c->mem, codes);
	if (r.codes == NULL)
		return ctl_fail(
		    "--code %s: must be a list of codes such as board_access_denied", codes);
	fault = rfc3339_fault(since, &r.since_us);
	if (fault != NULL)
		return ctl_fail("--since %s: %s", since, fault);
	if (project != NULL && ctl_project(c, project, &r.project, NULL) != CTL_OK)
		return CTL_FAILED;
	for (int e = 0; env != NULL && e < ENV__COUNT; e++)
		if (strcmp(env, conf_environment_name((enum environment)e)) == 0)
			r.environment = e;
	if (env != NULL && r.environment < 0)
		return ctl_fail("--env %s: there are production and sandbox", env);
	rc = db_now(c->db, &r.now);
	if (rc != DB_OK)
		return ctl_db_fail("retry", rc);
	if (r.since_us > r.now)
		return ctl_fail("--since %s: the time is in the future", since);
	return retry_work(&r, yes);
}
