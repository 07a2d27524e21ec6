#ifndef LIB_DB_CHECK_H
#define LIB_DB_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The check of the server in db_check() (lib/db/db.h), by its version as a number (100600
 * is 10.6.0) and as text. NULL if it is supported, else the fault and what to do, written into
 * room. Pure.
 */
const char *db_check_server(
    bool mariadb, unsigned long version, const char *shown, char *room, size_t len);

/* How many tables of a pre-release a database holds, and what to say then. */
#define DB_CHECK_PRE_RELEASE                                                                       \
	"SELECT COUNT(*) FROM information_schema.tables "                                          \
	"WHERE table_schema = DATABASE() AND table_name = 'schema_migrations'"
#define DB_CHECK_REFUSED                                                                           \
	"this database was made by a pre-release of Pintempo, whose tables this one cannot "       \
	"take over; create a new, empty database and run: pintempo init"

#endif
