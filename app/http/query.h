#ifndef APP_HTTP_QUERY_H
#define APP_HTTP_QUERY_H

#include <stdbool.h>

#include "lib/attr.h"

struct arena;
struct problem;
struct req;

/*
 * A query against the parameters that its route declares in app/routes.def: their names, parted by
 * blanks; one with "+" behind it may be given several times; with "*" among them, others are
 * ignored. Pure.
 */

MUST_CHECK bool query_declares(const char *declared, const char *name);
/*
 * Notes in `why` each declared parameter that is given twice, and each that is not declared, with
 * the nearest that is. "_" in a GET is nobody's mistake: it keeps caches away.
 */
void query_check(const struct req *r, const char *declared, struct arena *mem, struct problem *why);

#endif
