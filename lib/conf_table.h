#ifndef LIB_CONF_TABLE_H
#define LIB_CONF_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/conf.h"

/* Private to lib/conf*.c: the table of settings and the record it describes. */

struct arena;

enum conf_type {
	CONF_TEXT,
	CONF_LIST,    /* comma-separated text; may continue on indented lines */
	CONF_URL,     /* http or https; trailing slashes are dropped */
	CONF_URLS,    /* a CONF_LIST of them, as they are */
	CONF_ORIGINS, /* a CONF_LIST of origins, as browsers send them */
	CONF_SMTP,    /* smtp or smtps, host, port */
	CONF_EMAIL,
	CONF_SECRET, /* the content of the named file, without the line end */
	CONF_CERTS,  /* the file's certificates, with those that are trusted anyway */
	CONF_INT,
	CONF_UINT,
	CONF_MS_AS_US, /* milliseconds in the file, microseconds in the record */
	CONF_PER_S,    /* number per second -> microseconds for one */
	CONF_BOOL,
	CONF_OFF, /* a CONF_BOOL that can only be off: the doc says why */
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
	bool others_secret; /* belongs to one program: others may not be able to read it */
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

#define CONF_SECTIONS 12
#define CONF_KEYS_MAX 32

struct conf_store {
	struct conf conf; /* first: what the caller holds */
	struct arena *mem;
	bool operator_only;    /* conf_load_operator() */
	bool ctl_own_password; /* ctl_password_file is set */
	struct db_conf db;     /* common to the five users */
	struct conf_login app, worker, ctl, sandbox, migrate;
	/* Text of each effective setting, by position in the table; NULL: unset. */
	const char *raw[CONF_SECTIONS][CONF_KEYS_MAX];
};

extern const struct conf_section conf_table[CONF_SECTIONS];

/* The default in this section, or NULL. */
const char *conf_table_default(const struct conf_section *s, const struct conf_key *k);
/* The allowed values in words, in the arena. */
const char *conf_table_allowed(const struct conf_key *k, struct arena *mem);

/* Parses text into its place in the record. NULL, or the fault (static or in the arena). */
const char *conf_value_set(
    struct conf_store *s, const struct conf_key *k, void *to, const char *text);

#endif
