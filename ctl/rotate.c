/*
 * `pintempo rotate-key`. The order makes it safe to end at any point: a key is noted in the
 * database before it seals, it opens before it seals, and it leaves the file only when nothing
 * needs it.
 */
#include "ctl/rotate.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/keyring.h"
#include "sql/instance_key.h"
#include "sql/stmt.h"
#include "sql/store_mail.h"

#define LABEL_SIZE 64
#define BATCH 500 /* rows that sealed_other.sql gives */
/* How long a request, or a connection that is being authorized, may still use a key of before. */
#define SETTLE_S (15 * 60)

/* In a batch `label`, `sealed` and their plain text last until the next one is read. */
struct sealed_value {
	struct uuid id;
	const char *label;
	const void *sealed;
	size_t len;
};

struct rotation {
	struct ctl *c;
	const char *path;
	struct keyring *keys;
	int64_t key;                     /* the first: it seals */
	struct sealed_value row, *batch; /* of BATCH */
	size_t len;
	struct arena *mem; /* of one batch */
	uint64_t sealed, unreadable, changed;
};

static int64_t
key_number(const struct rotation *r, size_t nth)
{
	unsigned char unused[SHA256_SIZE];

	return keyring_fingerprint(r->keys, nth, unused);
}

static void
keep_sealed_value(void *arg)
{
	struct rotation *r = arg;

	if (r->len < BATCH)
		r->batch[r->len++] = r->row;
}

/* Values of other keys, behind that of this label and id. */
static enum db_rc
read_sealed(struct rotation *r, const char *label, const struct uuid *id)
{
	enum db_rc rc;

	r->len = 0;
	arena_reset(r->mem);
	db_use(r->c->db, r->mem);
	r->batch = arena_alloc(r->mem, BATCH * sizeof(*r->batch));
	rc = db_each(r->c->db,
	    SQL_IN(sealed_other, .key = db_int(r->key), .label = db_text(label), .id = db_uuid(id)),
	    SQL_OUT(sealed_other, .id = db_get_uuid(&r->row.id),
		.label = db_get_text(&r->row.label),
		.sealed = db_get_bytes(&r->row.sealed, &r->row.len)),
	    keep_sealed_value, r);
	db_use(r->c->db, r->c->mem);
	return rc;
}

static enum db_rc
put_sealed(struct db *db, const struct sealed_value *v, const unsigned char *out, size_t len,
    uint64_t *rows)
{
	const struct db_param id = db_uuid(&v->id), was = db_bytes(v->sealed, v->len);
	const struct db_param sealed = db_bytes(out, len);

	if (strcmp(v->label, KEYRING_ACCESS_TOKEN) == 0)
		return db_exec_any(
		    db, SQL_IN(sealed_put_access, .id = id, .was = was, .sealed = sealed), rows);
	if (strcmp(v->label, "pinterest_accounts.refresh") == 0)
		return db_exec_any(
		    db, SQL_IN(sealed_put_refresh, .id = id, .was = was, .sealed = sealed), rows);
	if (strcmp(v->label, MAIL_TEXT_LABEL) == 0)
		return db_exec_any(
		    db, SQL_IN(sealed_put_mail, .id = id, .was = was, .sealed = sealed), rows);
	return db_exec_any(
	    db, SQL_IN(sealed_put_secret, .id = id, .was = was, .sealed = sealed), rows);
}

/* What no key opens is damaged; it stays, and is counted. */
static enum db_rc
seal_anew(struct rotation *r, const struct sealed_value *v)
{
	char *plain = arena_alloc(r->mem, v->len);
	unsigned char *out = arena_alloc(r->mem, v->len);
	int len = keyring_open(r->keys, v->label, &v->id, v->sealed, v->len, plain, v->len);
	uint64_t rows = 0;
	enum db_rc rc = DB_OK;

	if (len < 0) {
		r->unreadable++;
		return DB_OK;
	}
	rc = put_sealed(r->c->db, v, out,
	    keyring_seal(r->keys, v->label, &v->id, plain, (size_t)len, out), &rows);
	crypto_wipe(plain, v->len);
	r->sealed += rows;
	r->changed += rows == 0;
	return rc;
}

/* One pass over everything. */
static enum db_rc
seal_all_anew(struct rotation *r)
{
	char label[LABEL_SIZE] = "";
	struct uuid id = { 0 };
	enum db_rc rc;
	size_t i;

	r->unreadable = r->changed = 0;
	do {
		rc = read_sealed(r, label, &id);
		for (i = 0; i < r->len && rc == DB_OK; i++)
			rc = seal_anew(r, &r->batch[i]);
		if (r->len == 0)
			break;
		id = r->batch[r->len - 1].id;
		(void)snprintf(label, sizeof(label), "%s", r->batch[r->len - 1].label);
	} while (rc == DB_OK && r->len == BATCH);
	return rc;
}

/* A value that a program changed meanwhile was sealed with the new key, or is met again. */
static int
rotation_seal(struct rotation *r)
{
	enum db_rc rc;

	do {
		rc = seal_all_anew(r);
	} while (rc == DB_OK && r->changed > 0);
	if (rc != DB_OK)
		return ctl_db_fail("sealing anew (run it again: it goes on)", rc);
	printf("key      %" PRId64 "  seals; %" PRIu64
	       " tokens and webhook secrets were sealed anew\n",
	    r->key, r->sealed);
	if (r->unreadable == 0)
		return CTL_OK;
	return ctl_fail("%" PRIu64 " tokens or webhook secrets are damaged: no key opens them "
			"(`pintempo config check` names them)",
	    r->unreadable);
}

static int
rotation_change(struct rotation *r, enum keyring_change what)
{
	char why[KEYRING_WHY_SIZE];
	enum db_rc rc;

	if (keyring_change(r->keys, what, why) != 0)
		return ctl_fail("the instance key %s: %s", r->path, why);
	r->key = key_number(r, 0);
	rc = instance_key_note(r->c->db, r->keys);
	return rc == DB_OK ? CTL_OK : ctl_db_fail("noting the instance key", rc);
}

/* Is the last key of the file one that was prepared, and never sealed? */
static enum db_rc
rotation_prepared(struct rotation *r, bool *out)
{
	size_t len = keyring_len(r->keys);
	int64_t newer = 0;
	enum db_rc rc = DB_OK;

	if (len > 1)
		rc = db_row(r->c->db,
		    SQL_IN(instance_key_age, .first = db_int(r->key),
			.last = db_int(key_number(r, len - 1))),
		    SQL_OUT(instance_key_age, .newer = db_get_int(&newer)));
	*out = newer != 0;
	return rc;
}

static int
rotation_prepare(struct rotation *r, bool prepared)
{
	int rc = prepared ? CTL_OK : rotation_change(r, KEYRING_PREPARE);

	if (rc != CTL_OK)
		return rc;
	printf(
	    "key      %" PRId64 "  %s; it seals nothing yet\n"
	    "Copy %s to all machines of this instance (same owner and mode); their\n"
	    "programs read it by themselves. Then run `pintempo rotate-key` here, and copy it once "
	    "more.\n",
	    key_number(r, keyring_len(r->keys) - 1), prepared ? "is prepared already" : "prepared",
	    r->path);
	return CTL_OK;
}

/* A rotation that was ended before everything was sealed anew is finished, not begun again. */
static int
rotation_advance(struct rotation *r, bool prepared)
{
	const struct uuid none = { 0 };
	enum db_rc rc = DB_OK;
	int result = CTL_OK;

	if (!prepared) {
		rc = read_sealed(r, "", &none);
		if (rc != DB_OK)
			return ctl_db_fail("reading what is sealed", rc);
		if (r->len > 0)
			printf("a rotation was not finished: going on\n");
		else
			result = rotation_change(r, KEYRING_PREPARE);
		prepared = r->len == 0;
	}
	/* Noted before it can seal anything. */
	if (result == CTL_OK && prepared) {
		rc = instance_key_note(r->c->db, r->keys);
		result = rc == DB_OK ? rotation_change(r, KEYRING_PROMOTE)
				     : ctl_db_fail("noting the instance key", rc);
	}
	if (result == CTL_OK)
		result = rotation_seal(r);
	if (result == CTL_OK && keyring_len(r->keys) > 1)
		printf(
		    "Keep a copy of %s. The older keys in it open what is under way; in %d "
		    "minutes\n`pintempo rotate-key --retire` can take them out. Backups of before "
		    "need them.\n",
		    r->path, SETTLE_S / 60);
	return result;
}

static int
rotation_retire(struct rotation *r, bool prepared)
{
	struct stat st;
	int64_t replies = 0, age_s;
	enum db_rc rc;
	int result;

	if (keyring_len(r->keys) == 1)
		return ctl_fail("%s holds one key: there is none to retire", r->path);
	if (prepared)
		return ctl_fail(
		    "the last key of %s was prepared: finish with `pintempo rotate-key`", r->path);
	if (stat(r->path, &st) != 0)
		return ctl_fail("%s: %s", r->path, strerror(errno));
	age_s = clock_wall_us() / US_PER_S - st.st_mtim.tv_sec;
	if (age_s < SETTLE_S)
		return ctl_fail("%s changed %" PRId64
				" s ago, and programs may still use the keys of "
				"before: try again in %" PRId64 " s",
		    r->path, age_s, SETTLE_S - age_s);
	result = rotation_seal(r);
	if (result != CTL_OK)
		return result;
	rc = db_row(r->c->db, SQL_IN(sealed_reply_other, .key = db_int(r->key)),
	    SQL_OUT(sealed_reply_other, .replies = db_get_int(&replies)));
	if (rc != DB_OK)
		return ctl_db_fail("counting stored replies", rc);
	if (replies > 0)
		return ctl_fail("%" PRId64 " stored replies still need an older key; they are kept "
				"for a day: try again tomorrow",
		    replies);
	result = rotation_change(r, KEYRING_RETIRE);
	if (result == CTL_OK)
		printf("key      %" PRId64 "  is the only one in %s now\n", r->key, r->path);
	return result;
}

/* Two rotations at once would each make a key. -1: there is one. */
static int
rotation_lock(const struct rotation *r)
{
	int fd =
	    open(dirname(arena_strdup(r->c->mem, r->path)), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd != -1 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	if (fd != -1)
		(void)close(fd);
	ctl_fail("%s: %s", r->path,
	    errno == EWOULDBLOCK ? "another rotate-key is at work" : strerror(errno));
	return -1;
}

static int
rotation_start(struct rotation *r, bool prepare, bool retire)
{
	struct instance_key match;
	enum db_rc rc = instance_key_check(r->c->db, r->keys, true, &match);
	bool prepared = false;

	if (rc == DB_OK && match.state != INSTANCE_KEY_RIGHT)
		return ctl_fail("%s", instance_key_why(&match, r->path, r->c->mem));
	r->key = key_number(r, 0);
	if (rc == DB_OK)
		rc = rotation_prepared(r, &prepared);
	if (rc != DB_OK)
		return ctl_db_fail("the instance key", rc);
	if (retire)
		return rotation_retire(r, prepared);
	return prepare ? rotation_prepare(r, prepared) : rotation_advance(r, prepared);
}

int
rotate_run(struct ctl *c, int argc, char **argv)
{
	struct rotation r = { .c = c, .path = c->conf->key_file };
	char why[KEYRING_WHY_SIZE];
	bool prepare = false, retire = false;
	const struct args_option options[] = { { .name = "--prepare", .on = &prepare },
		{ .name = "--retire", .on = &retire } };
	int lock, rc;

	if (!args_parse(argc, argv, options, DB_LEN(options), NULL, 0) || (prepare && retire))
		return CTL_USAGE;
	lock = rotation_lock(&r);
	if (lock == -1)
		return CTL_FAILED;
	r.mem = arena_new();
	r.keys = keyring_read(r.path, why);
	if (r.keys == NULL)
		rc = ctl_fail("the instance key %s: %s", r.path, why);
	else
		rc = rotation_start(&r, prepare, retire);
	keyring_free(r.keys);
	arena_free(r.mem);
	(void)close(lock);
	return rc;
}
