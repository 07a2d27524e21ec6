#ifndef LIB_CONF_TABLE_H
#define LIB_CONF_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/conf.h"

/* Inside of conf: the one table of settings, and the record that it describes. */

struct arena;

enum conf_type {
	CONF_TEXT,
	CONF_LIST,   /* comma-separated text; may go on in indented lines */
	CONF_URL,    /* http or https; slashes behind are dropped */
	CONF_SECRET, /* the content of the file named, without the line end */
	CONF_INT,
	CONF_UINT,
	CONF_MS_AS_US, /* milliseconds in the file, microseconds in the record */
	CONF_PER_S,    /* so many per second -> microseconds for one */
	CONF_BOOL,
	CONF_REGISTRATION,
	CONF_LEVEL,
	CONF_RULES, /* struct addr_policy */
	CONF_STEPS  /* seconds, comma-separated, into webhook.steps_ms */
};

struct conf_key {
	const char *name;
	enum conf_type type;
	size_t at;               /* from the base of its section */
	const char *def;         /* NULL: unset */
	const char *sandbox_def; /* in [sandbox], when it differs */
	int64_t min, max;        /* of numbers */
	bool required;
	bool others_secret; /* of one program: others may lack the right to read it */
	const char *doc;
};

struct conf_section {
	const char *name;
	const char *doc;
	const struct conf_key *keys;
	size_t len;
	size_t base; /* from the start of struct conf_store */
	bool sandbox;
};

struct conf_login {
	const char *user;
	const char *password;
};

#define CONF_SECTIONS 9
#define CONF_KEYS_MAX 32

struct conf_store {
	struct conf conf; /* first: what the caller holds */
	struct arena *mem;
	struct db_conf db; /* what the five have in common */
	struct conf_login app, worker, ctl, sandbox, migrate;
	/* The text of each setting in force, by position in the table; NULL: unset. */
	const char *raw[CONF_SECTIONS][CONF_KEYS_MAX];
};

extern const struct conf_section conf_table[CONF_SECTIONS];

/* The default in this section, or NULL. */
const char *conf_table_default(const struct conf_section *s, const struct conf_key *k);
/* What may stand there, in words, in the arena. */
const char *conf_table_allowed(const struct conf_key *k, struct arena *mem);

/*
 * Text -> the place in the record. NULL, or what is wrong with it (static or in the arena).
 */
const char *conf_value_set(
    struct conf_store *s, const struct conf_key *k, void *to, const char *text);

#endif
