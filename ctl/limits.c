/* Limits of one project. The application reads them with each request, so they hold at once. */
#include "ctl/limits.h"

#include <inttypes.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/table.h"
#include "lib/limit.h"
#include "lib/num.h"
#include "sql/stmt.h"

struct limits_change {
	struct ctl *c;
	struct uuid project;
	const char *const *words; /* NAME=VALUE */
	size_t len;
	struct limit_own own; /* out */
};

static int
word_apply(struct limit_own *own, const char *word)
{
	size_t len = strcspn(word, "=");
	const char *text = word + len + (word[len] == '=');
	const struct limit_info *info;
	enum limit which;
	int64_t value;

	if (word[len] != '=')
		return ctl_fail("%s: expected NAME=VALUE or NAME=default", word);
	if (!limit_find(word, len, &which))
		return ctl_fail(
		    "%.*s: no such limit; `pintempo limits PROJECT` lists them", (int)len, word);
	info = limit_info(which);
	if (info->personal)
		return ctl_fail(
		    "%s is no limit of a single project: %s", info->name, info->setting);
	if (strcmp(text, "default") == 0) {
		own->set &= ~(1u << which);
		return CTL_OK;
	}
	if (num_parse(text, info->least, info->most, &value) == -1)
		return ctl_fail("%s: %s is from %" PRId64 " to %" PRId64 ", or default", word,
		    info->name, info->least, info->most);
	own->set |= 1u << which;
	own->value[which] = value;
	return CTL_OK;
}

static enum db_rc
limits_change_work(struct db *db, void *arg)
{
	struct limits_change *k = arg;
	const char *text = NULL;
	enum db_rc rc = db_row(db, SQL_IN(project_get_limits, .project = db_uuid(&k->project)),
	    SQL_OUT(project_get_limits, .limits = db_get_text(&text)));

	if (rc != DB_OK)
		return rc;
	limit_own_read(&k->own, text);
	for (size_t i = 0; i < k->len; i++)
		if (word_apply(&k->own, k->words[i]) != CTL_OK)
			return DB_NONE;
	if (k->len == 0)
		return DB_OK;
	return db_exec_any(db,
	    SQL_IN(project_put_limits, .project = db_uuid(&k->project),
		.limits = db_text(limit_own_text(&k->own, k->c->mem))),
	    NULL);
}

static void
limits_print(const struct limits_change *k)
{
	static const char *const headings[] = { "LIMIT", "VALUE", "FROM", NULL };
	struct arena *mem = k->c->mem;
	struct table *table = table_new(mem, headings);

	for (int i = 0; i < LIMIT__COUNT; i++) {
		const struct limit_info *info = limit_info((enum limit)i);
		const char *cells[] = { info->name,
			arena_printf(
			    mem, "%" PRId64, limit_value(k->c->conf, &k->own, (enum limit)i)),
			limit_is_own(&k->own, (enum limit)i) ? "this project" : info->setting };

		if (!info->personal)
			table_row(table, cells);
	}
	table_print(table, "");
}

int
limits_run(struct ctl *c, int argc, char **argv)
{
	const char *plain[1 + LIMIT__COUNT] = { NULL };
	struct limits_change k = { .c = c, .words = plain + 1 };
	enum db_rc rc;

	if (!args_parse(argc, argv, NULL, 0, plain, DB_LEN(plain)) || plain[0] == NULL)
		return CTL_USAGE;
	if (ctl_project(c, plain[0], &k.project, NULL) != CTL_OK)
		return CTL_FAILED;
	while (k.len < LIMIT__COUNT && k.words[k.len] != NULL)
		k.len++;
	rc = db_transact(c->db, limits_change_work, &k);
	if (rc == DB_NONE)
		return CTL_FAILED;
	if (rc != DB_OK)
		return ctl_db_fail("the limits", rc);
	limits_print(&k);
	return CTL_OK;
}
