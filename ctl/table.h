#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <stddef.h>

#include "lib/arena.h"

/* A list on stdout, its columns as wide as their longest text. */
#define TABLE_COLUMNS 9

struct table;

/* Headings, ended by NULL. Everything lives in the arena. */
struct table *table_new(struct arena *mem, const char *const *headings);
/* One row of as many texts as there are headings, kept until printed; NULL is shown as "-". */
void table_row(struct table *t, const char *const *cells);
/* Prints all, or `none` when there is no row. */
void table_print(const struct table *t, const char *none);

#endif
