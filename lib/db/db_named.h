#ifndef LIB_DB_NAMED_H
#define LIB_DB_NAMED_H

#include <stddef.h>
#include <string.h>

#include "lib/db/db.h"
#include "lib/uuid.h"

/*
 * Parameters and columns by name. The generated sql/stmt.h (sql/embed.awk) has for statement `x`
 * its number SQL_x and the unions SQL_x__in and SQL_x__out, whose members are called like its
 * parameters and columns, and defines these macros with the table's prefix P. Every name must be
 * given once: one that is forgotten, given twice, wrong or of another statement does not compile.
 *
 *   rc = db_exec(db, SQL_IN(lane_wake, .lane = db_uuid(&id), .due = db_time(us)), &n);
 *   rc = db_row(db, SQL_IN(pin_wait, .project = ..., .id = ...), SQL_OUT(pin_wait, ...));
 *   rc = db_each(db, SQL_IN(shard_list), SQL_OUT(shard_list, ...), on_shard, &r);
 *   db_many_push(db, &many, SQL_IN(attempt_insert, ...)); rc = db_many_exec(db, &many, &n);
 *   db_each(db, SQL_IN_ORDER(pin_list, sort, ...), ...)     one of its `-- orders:`, from 0
 *
 * Statements with the same parameters have the same shape. A statement chosen at run time is
 *   stmt = SQL_LIKE(activity_sweep, event_sweep);    or SQL_activity_sweep itself
 *   rc = db_exec(db, SQL_IN_LIKE(activity_sweep, stmt, .days = ..., .limit = ...), &n);
 * and SQL_IN_NONE(stmt) when they take nothing.
 */
#define DB_IN(P, ...) DB_PASTE(DB_IN_, DB_ZERO_OR_SOME(__VA_ARGS__))(P, __VA_ARGS__)
#define DB_IN_ZERO(P, x) P##x, NULL, DB_ALL(0, P##x##__IN, "a parameter of " #x " is missing")
#define DB_IN_NONE(P, number) number, NULL, 0
#define DB_IN_SOME(P, x, ...) DB_IN_LIKE(P, x, P##x, __VA_ARGS__)
#define DB_IN_ORDER(P, x, n, ...) DB_IN_LIKE(P, x, P##x + (n), __VA_ARGS__)
#define DB_IN_LIKE(P, x, number, ...)                                                              \
	number, ((const union P##x##__in){ __VA_ARGS__ }).v,                                       \
	    DB_ALL(DB_COUNT(__VA_ARGS__), P##x##__IN, "a parameter of " #x " is missing")
#define DB_OUT(P, x, ...)                                                                          \
	((union P##x##__out){ __VA_ARGS__ }).v,                                                    \
	    DB_ALL(DB_COUNT(__VA_ARGS__), P##x##__OUT, "a column of " #x " is missing")
#define DB_LIKE(P, x, y)                                                                           \
	(P##y + 0 * DB_ALL(P##y##__IN_SHAPE, P##x##__IN_SHAPE, "parameters of " #x " and " #y))
#define DB_SAME_OUT(P, x, y)                                                                       \
	_Static_assert(P##x##__OUT_SHAPE == P##y##__OUT_SHAPE, "columns of " #x " and " #y)

/* The nil UUID: SQL NULL, as db_get_uuid() reads it. */
static inline struct db_param
db_uuid_or_null(const struct uuid *u)
{
	return db_uuid(uuid_is_nil(u) ? NULL : u);
}

/* db_copy(to, SQL_OUT(...)): for columns that are put together apart from the call. How many. */
static inline size_t
db_copy(struct db_col *to, const struct db_col *cols, size_t len)
{
	memcpy(to, cols, len * sizeof(*to));
	return len;
}

/* `given`, when it is what there must be. */
#define DB_ALL(given, all, text)                                                                   \
	((unsigned)(given) + 0 * sizeof(struct {                                                   \
		_Static_assert((given) == (all), text);                                            \
		char c;                                                                            \
	}))
#define DB_PASTE(a, b) DB_PASTE_(a, b)
#define DB_PASTE_(a, b) a##b
/* How many arguments there are (at most 64), and whether there is more than one (at most 63). */
#define DB_COUNT(...)                                                                              \
	DB_65TH(__VA_ARGS__, 64, 63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48,   \
	    47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27,    \
	    26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4,  \
	    3, 2, 1, 0)
#define DB_ZERO_OR_SOME(...)                                                                       \
	DB_65TH(__VA_ARGS__, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME,     \
	    SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME,    \
	    SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME,    \
	    SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME,    \
	    SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, ZERO, 0)
#define DB_65TH(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18,   \
    a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32, a33, a34, a35, a36, a37, \
    a38, a39, a40, a41, a42, a43, a44, a45, a46, a47, a48, a49, a50, a51, a52, a53, a54, a55, a56, \
    a57, a58, a59, a60, a61, a62, a63, a64, n, ...)                                                \
	n

#endif
