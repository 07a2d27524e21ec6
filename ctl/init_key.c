/* The instance key in `pintempo init`: made once, and never silently over what another one sealed.
 */
#include "ctl/init_key.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "lib/clock.h"
#include "lib/keyring.h"
#include "lib/rfc3339.h"
#include "sql/instance_key.h"
#include "sql/stmt.h"

/* What is known of key file and database. `keys` is NULL when the file cannot be used. */
struct settling {
	struct ctl *c;
	const char *path;
	struct keyring *keys;
	struct instance_key match; /* with keys */
	char fault[KEYRING_WHY_SIZE];
	int64_t key_id, uses, sealed, replies; /* sealed: tokens and secrets, with any key */
	int64_t sealed_by;                     /* the key that sealed most of them */
};

static void
count_sealed(void *arg)
{
	struct settling *s = arg;

	if (s->sealed == 0)
		s->sealed_by = s->key_id;
	s->sealed += s->uses;
}

static enum db_rc
settling_read(struct settling *s)
{
	struct db *db = s->c->db;
	enum db_rc rc = db_each(db, SQL_IN(sealed_uses),
	    SQL_OUT(sealed_uses, .key_id = db_get_int(&s->key_id), .uses = db_get_int(&s->uses)),
	    count_sealed, s);

	if (rc == DB_OK)
		rc = db_row(db, SQL_IN(sealed_reply_any),
		    SQL_OUT(sealed_reply_any, .found = db_get_int(&s->replies)));
	s->keys = keyring_read(s->path, s->fault);
	if (rc == DB_OK && s->keys != NULL)
		rc = instance_key_check(db, s->keys, true, &s->match);
	return rc;
}

static bool
file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Numbers of the file's keys, comma-separated. */
static const char *
key_numbers(const struct settling *s)
{
	const char *list = "";
	unsigned char unused[SHA256_SIZE];
	size_t i;

	for (i = 0; i < keyring_len(s->keys); i++)
		list = arena_printf(s->c->mem, "%s%s%" PRIu32, list, i > 0 ? "," : "",
		    keyring_fingerprint(s->keys, i, unused));
	return list;
}

struct given_up {
	const char *kept;
	const struct keyring *keys;
	uint64_t accounts, webhooks;
};

/* Everything that the file's keys do not open, in one transaction with their fingerprints. */
static enum db_rc
write_given_up(struct db *db, void *arg)
{
	struct given_up *g = arg;
	enum db_rc rc;

	rc = db_exec_any(db, SQL_IN(sealed_forget_tokens, .kept = db_text(g->kept)), &g->accounts);
	if (rc == DB_OK)
		rc = db_exec_any(
		    db, SQL_IN(sealed_forget_secrets, .kept = db_text(g->kept)), &g->webhooks);
	if (rc == DB_OK)
		rc = db_exec_any(db, SQL_IN(instance_key_forget, .kept = db_text(g->kept)), NULL);
	return rc == DB_OK ? instance_key_note(db, g->keys) : rc;
}

static int
key_write(struct settling *s)
{
	struct given_up g = { .kept = key_numbers(s), .keys = s->keys };
	enum db_rc rc = db_transact(s->c->db, write_given_up, &g);

	if (rc != DB_OK)
		return ctl_db_fail("noting the instance key", rc);
	if (g.accounts > 0 || g.webhooks > 0)
		printf("given up %" PRIu64
		       " accounts, which their owners have to connect again, and "
		       "%" PRIu64 " webhooks, disabled until their secrets are set again\n",
		    g.accounts, g.webhooks);
	return CTL_OK;
}

static int
key_create(struct settling *s)
{
	if (keyring_create(s->path) != 0)
		return ctl_fail("the instance key could not be created in %s", s->path);
	keyring_free(s->keys);
	s->keys = keyring_read(s->path, s->fault);
	if (s->keys == NULL)
		return ctl_fail("the instance key %s: %s", s->path, s->fault);
	printf("key      %s  created; keep a copy: without it the connected accounts are lost\n",
	    s->path);
	return key_write(s);
}

/* Says why no key is made, and the ways out. */
static int
key_refuse(const struct settling *s)
{
	const char *what =
	    s->keys != NULL ? instance_key_why(&s->match, s->path, s->c->mem)
			    : arena_printf(s->c->mem, "the instance key %s%s", s->path,
				  file_exists(s->path) ? arena_printf(s->c->mem, ": %s", s->fault)
						       : " does not exist");

	ctl_fail("%s", what);
	if (s->sealed > 0)
		fprintf(stderr,
		    "  This database holds %" PRId64 " tokens and webhook secrets; most "
		    "are sealed with key %" PRId64 ".\n",
		    s->sealed, s->sealed_by);
	else
		fputs("  This database holds stored replies that are sealed with another key.\n",
		    stderr);
	fprintf(stderr, "  A new key could not open them, so none is made. Put the right file back "
			"(a backup, or\n"
			"  another machine of this instance has it) and run this again.\n"
			"  Only if it is lost for good: pintempo init --replace-key makes a new "
			"one and gives up\n"
			"  what was sealed: every account is connected again by its owner, every "
			"webhook secret\n"
			"  is set again.\n");
	return CTL_FAILED;
}

/* The file that does not fit is kept under another name. */
static int
key_put_aside(const struct settling *s)
{
	char now[RFC3339_SIZE];
	const char *aside;

	if (!file_exists(s->path))
		return CTL_OK;
	aside = arena_printf(s->c->mem, "%s.%s", s->path, rfc3339_format(clock_wall_us(), now));
	if (rename(s->path, aside) != 0)
		return ctl_fail("%s: %s", s->path, strerror(errno));
	printf("key      %s  kept as %s\n", s->path, aside);
	return CTL_OK;
}

/* A running worker would go on sealing with the key that it has. */
static int
key_refuse_workers(struct settling *s)
{
	int64_t alive = 0, seen_s, pid;
	enum db_rc rc = db_row(s->c->db,
	    SQL_IN(worker_alive_count, .lease = db_int(s->c->conf->lease_ms * US_PER_MS)),
	    SQL_OUT(worker_alive_count, .alive = db_get_int(&alive), .seen_s = db_get_int(&seen_s),
		.pid = db_get_int(&pid)));

	if (rc != DB_OK)
		return ctl_db_fail("looking for workers", rc);
	if (alive > 0)
		return ctl_fail("a worker may be running (pid %" PRId64 ", seen %" PRId64
				" s ago): stop all programs first",
		    pid, seen_s);
	return CTL_OK;
}

static int
key_replace(struct settling *s)
{
	int rc = key_refuse_workers(s);

	if (rc != CTL_OK)
		return rc;
	if (s->keys != NULL && s->match.state == INSTANCE_KEY_MISSING)
		return key_write(s);
	rc = key_put_aside(s);
	return rc == CTL_OK ? key_create(s) : rc;
}

static int
key_settle(struct settling *s, bool replace)
{
	bool right = s->keys != NULL && s->match.state == INSTANCE_KEY_RIGHT;

	if (right && replace)
		return ctl_fail("the instance key %s is right; nothing is replaced (to rotate it: "
				"docs/operate.md)",
		    s->path);
	if (right)
		return key_write(s);
	if (replace)
		return key_replace(s);
	if (s->sealed > 0 || s->replies > 0)
		return key_refuse(s);
	if (s->keys != NULL) {
		printf("key      %s  replaces one that sealed nothing\n", s->path);
		return key_write(s);
	}
	if (file_exists(s->path))
		return ctl_fail(
		    "the instance key %s: %s; nothing is sealed yet: remove it and run this "
		    "again for a new one",
		    s->path, s->fault);
	return key_create(s);
}

int
init_key_settle(struct ctl *c, bool replace)
{
	struct settling s = { .c = c, .path = c->conf->key_file };
	enum db_rc rc = settling_read(&s);
	int result = rc == DB_OK ? key_settle(&s, replace) : ctl_db_fail("the instance key", rc);

	keyring_free(s.keys);
	return result;
}
