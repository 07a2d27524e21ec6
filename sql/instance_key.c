/* Holds the key file against the fingerprints in the database and the numbers in sealed values. */
#include "sql/instance_key.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/keyring.h"
#include "sql/stmt.h"

struct comparison {
	const struct keyring *k;
	struct instance_key *out;
	int64_t id, uses;
	const void *fingerprint;
	size_t fingerprint_len;
	unsigned known, ours; /* noted keys, and those of them that the file holds */
};

/* -1: the file has no key of this number; 0: another one; 1: this one. */
static int
key_in_file(const struct comparison *c)
{
	unsigned char have[SHA256_SIZE];
	size_t i;

	for (i = 0; i < keyring_len(c->k); i++)
		if (keyring_fingerprint(c->k, i, have) == c->id)
			return crypto_equal(have, sizeof(have), c->fingerprint, c->fingerprint_len);
	return -1;
}

static void
compare_known_key(void *arg)
{
	struct comparison *c = arg;
	int found = key_in_file(c);

	if (c->known++ == 0 && c->out->state == INSTANCE_KEY_RIGHT)
		c->out->key_id = c->id;
	c->ours += found == 1;
	if (found == 0)
		*c->out = (struct instance_key){ .state = INSTANCE_KEY_CHANGED, .key_id = c->id };
}

static void
compare_sealed(void *arg)
{
	struct comparison *c = arg;
	unsigned char unused[SHA256_SIZE];
	size_t i;

	for (i = 0; i < keyring_len(c->k); i++)
		if (keyring_fingerprint(c->k, i, unused) == c->id)
			return;
	if (c->out->state == INSTANCE_KEY_RIGHT)
		*c->out = (struct instance_key){
			.state = INSTANCE_KEY_MISSING, .key_id = c->id, .sealed = c->uses
		};
}

enum db_rc
instance_key_check(struct db *db, const struct keyring *k, bool sealed, struct instance_key *out)
{
	struct comparison c = { .k = k, .out = out };
	enum db_rc rc;

	*out = (struct instance_key){ .state = INSTANCE_KEY_RIGHT };
	rc = db_each(db, SQL_IN(instance_key_list),
	    SQL_OUT(instance_key_list, .key_id = db_get_int(&c.id),
		.fingerprint = db_get_bytes(&c.fingerprint, &c.fingerprint_len)),
	    compare_known_key, &c);
	if (rc == DB_OK && out->state == INSTANCE_KEY_RIGHT && c.known > 0 && c.ours == 0)
		out->state = INSTANCE_KEY_OTHER;
	out->known = c.known > 0;
	if (rc != DB_OK || !sealed || out->state != INSTANCE_KEY_RIGHT)
		return rc;
	return db_each(db, SQL_IN(sealed_uses),
	    SQL_OUT(sealed_uses, .key_id = db_get_int(&c.id), .uses = db_get_int(&c.uses)),
	    compare_sealed, &c);
}

enum db_rc
instance_key_note(struct db *db, const struct keyring *k)
{
	unsigned char fingerprint[SHA256_SIZE];
	enum db_rc rc = DB_OK;
	int64_t id;
	size_t i;

	for (i = 0; i < keyring_len(k) && rc == DB_OK; i++) {
		id = keyring_fingerprint(k, i, fingerprint);
		rc = db_exec_any(db,
		    SQL_IN(instance_key_insert, .id = db_int(id),
			.fingerprint = db_bytes(fingerprint, sizeof(fingerprint))),
		    NULL);
	}
	return rc;
}

const char *
instance_key_why(const struct instance_key *key, const char *path, struct arena *mem)
{
	switch (key->state) {
	case INSTANCE_KEY_RIGHT: return "it is right";
	case INSTANCE_KEY_OTHER:
		return arena_printf(mem,
		    "%s is not the instance key of this database, which knows key %" PRId64
		    ": put that key file back, or correct [database] name",
		    path, key->key_id);
	case INSTANCE_KEY_CHANGED:
		return arena_printf(mem,
		    "key %" PRId64 " in %s is not the key %" PRId64
		    " that this database knows: put that key file back",
		    key->key_id, path, key->key_id);
	case INSTANCE_KEY_MISSING:
		return arena_printf(mem,
		    "key %" PRId64 " is missing in %s, and %" PRId64
		    " tokens or webhook secrets are sealed with it: put its line back",
		    key->key_id, path, key->sealed);
	}
	return "?";
}

enum db_rc
instance_key_start(struct db *db, const struct keyring *k, const char *path, const char **why)
{
	struct instance_key key;
	enum db_rc rc = instance_key_check(db, k, true, &key);

	*why = NULL;
	if (rc == DB_OK && key.state == INSTANCE_KEY_RIGHT)
		rc = instance_key_note(db, k);
	if (rc != DB_OK) {
		*why = "the instance key could not be checked";
		return rc;
	}
	if (key.state == INSTANCE_KEY_RIGHT)
		return DB_OK;
	*why = instance_key_why(&key, path, db_mem(db));
	return DB_FAIL;
}
