#ifndef CTL_CHECK_H
#define CTL_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/conf.h"

struct arena;
struct ctl;
struct db;

/*
 * `pintempo config check`: looks at everything that the programs depend on. One line per subject:
 * "ok", or "warn" and "FAIL" with the fault, and how to mend it below.
 */
enum check_fault {
#define FAULT(name, level, fault, fix) CHECK_##name,
#include "ctl/check.def"
#undef FAULT
	CHECK__COUNT
};

struct checks {
	struct ctl *c;
	struct arena *mem;
	const struct conf *conf;
	bool offline;        /* nothing is connected to */
	const char *subject; /* what is being looked at, and what is said if it is well */
	const char *note;
	bool told; /* a fault of the subject was told */
	unsigned warnings, faults;
	struct db *db;       /* as the command's user; NULL: no fit database */
	int64_t db_ahead_us; /* the database's clock minus this machine's; TIME_NONE: not known */
};

/* Ends the subject before, with "ok" unless a fault was told, and begins the next one. */
void check_begin(struct checks *k, const char *subject, const char *note);
/* Tells a fault of the subject. */
void check_fault(struct checks *k, enum check_fault fault, const char *detail);

/* The parts, in their order. */
void check_public_url(struct checks *k);
void check_files(struct checks *k);
void check_databases(struct checks *k);
void check_keys(struct checks *k);
void check_upstreams(struct checks *k);

#endif
