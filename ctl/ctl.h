#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/attr.h"
#include "lib/conf.h"
#include "lib/db/db.h"

/* What a subcommand works with. `conf` and `db` are set when its row of the table needs them. */
struct ctl {
	const char *conf_path;
	struct conf *conf;
	struct db *db; /* connected as the ctl user, schema checked */
	struct arena *mem;
	const char *down; /* for `status`: why there is no `conf` or no `db` */
};

/*
 * Exit codes, but for CTL_USAGE: main prints the usage and exits with 2. A command may have other
 * codes of its own.
 */
enum { CTL_OK = 0, CTL_FAILED = 1, CTL_USAGE = -2 };

/* One row of the table of subcommands: `run` gets the arguments after its name. */
struct ctl_command {
	const char *name; /* "user add" */
	const char *args; /* "EMAIL [--name NAME]" */
	const char *help;
	bool needs_conf, needs_db;
	int (*run)(struct ctl *c, int argc, char **argv);
};

struct actor;
struct uuid;

/* Who acts, in activity logs. */
const struct actor *ctl_actor(void);
/* Prints "pintempo: ", the text and a newline on stderr. Returns CTL_FAILED. */
int ctl_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/*
 * The project of an option and its environment (unless NULL): CTL_OK when it exists, else
 * CTL_FAILED after a line that says why.
 */
MUST_CHECK int ctl_project(struct ctl *c, const char *text, struct uuid *id, int64_t *environment);
/* Prints "pintempo: <doing>: " and what the database result means; returns CTL_FAILED. */
int ctl_db_fail(const char *doing, enum db_rc rc);

#endif
