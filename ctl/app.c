/* `pintempo resume app`: after the operator has mended what stopped the Pinterest app. */
#include "ctl/app.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/format.h"
#include "lib/clock.h"
#include "sql/stmt.h"
#include "sql/store_app.h"

#define WATCH_US (10 * US_PER_S)
#define WATCH_STEP_US 200000

struct app_row {
	int64_t stopped_us, hold_us, answers;
	const char *message;
};

static enum db_rc
read_app(struct ctl *c, enum environment e, struct app_row *a)
{
	return db_row(c->db, SQL_IN(app_get, .environment = db_int(e)),
	    SQL_OUT(app_get, .stopped_at = db_get_time(&a->stopped_us),
		.message = db_get_text(&a->message), .answers = db_get_int(&a->answers),
		.hold_until = db_get_time(&a->hold_us)));
}

static enum db_rc
try_again(struct db *db, void *arg)
{
	const enum environment *e = arg;
	enum db_rc rc = store_app_try_again(db, *e);

	return rc == DB_NONE ? DB_OK : rc;
}

/* Waits a while for the create that tests the app. */
static int
watch_app(struct ctl *c, enum environment e, const struct app_row *before)
{
	int64_t end_us = clock_mono_us() + WATCH_US;
	const char *name = conf_environment_name(e);
	struct app_row a;

	do {
		enum db_rc rc = read_app(c, e, &a);

		if (rc != DB_OK)
			return ctl_db_fail("resuming", rc);
		if (a.stopped_us == TIME_NONE) {
			printf("app %s  accepts pins again\n", name);
			return CTL_OK;
		}
		if (a.answers != before->answers)
			return ctl_fail("app %s is still stopped: %s", name,
			    a.message != NULL ? a.message : "");
		usleep(WATCH_STEP_US);
	} while (clock_mono_us() < end_us);
	printf("app %s  is tried with the next pin that is due; none was sent yet. `pintempo "
	       "status` tells the outcome\n",
	    name);
	return CTL_OK;
}

int
app_try_again(struct ctl *c, int argc, char **argv)
{
	const char *text = NULL;
	enum environment e = ENV_PRODUCTION;
	struct app_row a;
	int64_t now;
	enum db_rc rc;

	if (!args_parse(argc, argv, NULL, 0, &text, 1) || text == NULL)
		return CTL_USAGE;
	while (e < ENV__COUNT && strcmp(text, conf_environment_name(e)) != 0)
		e++;
	if (e == ENV__COUNT)
		return ctl_fail("%s: not an environment; there are production and sandbox", text);
	rc = db_now(c->db, &now);
	if (rc == DB_OK)
		rc = read_app(c, e, &a);
	if (rc == DB_OK)
		rc = db_transact(c->db, try_again, &e);
	if (rc != DB_OK)
		return ctl_db_fail("resuming", rc);
	if (a.hold_us != TIME_NONE && a.hold_us > now)
		printf("app %s  is held by a limit of Pinterest's until %s; that stays\n", text,
		    format_time(c->mem, a.hold_us, now));
	if (a.stopped_us != TIME_NONE)
		return watch_app(c, e, &a);
	printf("app %s  is not stopped; waiting lanes were given a turn\n", text);
	return CTL_OK;
}
