#ifndef CTL_GRANTS_H
#define CTL_GRANTS_H

#include <stddef.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/db/db.h"

/*
 * Least privilege derived from the statements: a database user gets those rights on a table that
 * the statements prepared by its program need, and no others. Pure.
 */
enum grants_right {
	GRANTS_SELECT = 1 << 0,
	GRANTS_INSERT = 1 << 1,
	GRANTS_UPDATE = 1 << 2,
	GRANTS_DELETE = 1 << 3
};

/* The rights that the statement `text` needs on `table`: GRANTS_* bits. */
unsigned grants_of(const char *text, const char *table);

struct grants_user {
	enum db_user program;
	const struct db_conf *conf; /* user, password, and socket or host */
	const struct db_stmt *table;
	size_t table_len;
	const char *database;
	const char *const *names; /* its tables and views */
	size_t names_len;
};

/* The rights that the program's statements need on the table: GRANTS_* bits. */
unsigned grants_needed(const struct grants_user *u, const char *table);
/* Appends statements that create the user or set its current password. 0 or -1. */
MUST_CHECK int grants_login(const struct grants_user *u, struct buf *out);
/* Appends one GRANT for each table that the user needs. 0 or -1. */
MUST_CHECK int grants_script(const struct grants_user *u, struct buf *out);

#endif
