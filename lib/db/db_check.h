#ifndef LIB_DB_CHECK_H
#define LIB_DB_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The judgement of db_check() (lib/db/db.h) on a server by what it shows of itself: its version as
 * a number (100600 is 10.6.0) and as text. What is wrong and what to do, written into room; NULL:
 * it will do. Pure.
 */
const char *db_check_server(
    bool mariadb, unsigned long version, const char *shown, char *room, size_t len);

#endif
