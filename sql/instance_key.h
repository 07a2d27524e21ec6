#ifndef SQL_INSTANCE_KEY_H
#define SQL_INSTANCE_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/db/db.h"

struct arena;
struct keyring;

/*
 * Does the key file belong to this database? The database notes a fingerprint of every key that may
 * have sealed something in it. A new key may come beside known ones (a rotation), and an old one
 * may leave once nothing needs it.
 */
enum instance_key_state {
	INSTANCE_KEY_RIGHT,
	INSTANCE_KEY_OTHER,   /* it holds none of the known keys */
	INSTANCE_KEY_CHANGED, /* under the number of a known key it holds another one */
	INSTANCE_KEY_MISSING  /* sealed values need a key that it does not hold */
};
struct instance_key {
	enum instance_key_state state;
	int64_t key_id; /* OTHER, CHANGED: the known key; MISSING: the missing one */
	int64_t sealed; /* MISSING: how many tokens and webhook secrets need it */
	bool known;     /* the database knows a key at all */
};

/* Compares fingerprints; with `sealed` also looks for values whose key is missing. */
enum db_rc instance_key_check(
    struct db *db, const struct keyring *k, bool sealed, struct instance_key *out);
/* Notes the keys of the file that are not known yet. */
enum db_rc instance_key_note(struct db *db, const struct keyring *k);
/* What is wrong and what to do, in the arena. */
MUST_CHECK const char *instance_key_why(
    const struct instance_key *key, const char *path, struct arena *mem);
/*
 * For the start of a program: checks everything and notes new keys. DB_FAIL with *why (in the arena
 * of `db`): the program must not go on.
 */
enum db_rc instance_key_start(
    struct db *db, const struct keyring *k, const char *path, const char **why);

#endif
