/* Finds the route of a request in a table. */
#include "app/route.h"

#include <string.h>

#include "lib/arena.h"

/*
 * How well a pattern fits: -1 not at all, else one bit per segment that is fixed, the first the
 * highest, so that a larger number is the more specific pattern.
 */
static int
fit(const char *pattern, const struct req *r, const char *param[ROUTE_MAX_PARAMS])
{
	int score = 0;
	unsigned params = 0;
	size_t i, n;

	if (pattern[1] == '\0')
		return r->segments == 0 ? 0 : -1;
	for (i = 0; i < r->segments; i++) {
		if (*pattern++ != '/')
			return -1;
		n = strcspn(pattern, "/");
		if (n == 2 && pattern[0] == '{') {
			if (r->segment[i][0] == '\0' || params == ROUTE_MAX_PARAMS)
				return -1;
			param[params++] = r->segment[i];
		} else if (strncmp(pattern, r->segment[i], n) == 0 && r->segment[i][n] == '\0') {
			score |= 1 << (REQ_MAX_SEGMENTS - i);
		} else {
			return -1;
		}
		pattern += n;
	}
	return *pattern == '\0' && r->segments > 0 ? score : -1;
}

/* The most specific pattern for the path, as an index; -1: none. */
static int
best(const struct route *table, size_t len, const struct req *r)
{
	const char *param[ROUTE_MAX_PARAMS];
	int found = -1, found_score = -1, score;
	size_t i;

	for (i = 0; i < len; i++) {
		score = fit(table[i].pattern, r, param);
		if (score > found_score) {
			found_score = score;
			found = (int)i;
		}
	}
	return found;
}

enum route_rc
route_find(const struct route *table, size_t len, const struct req *r, const struct route **found,
    const char *param[ROUTE_MAX_PARAMS])
{
	const char *method = strcmp(r->method, "HEAD") == 0 ? "GET" : r->method;
	int at = best(table, len, r);
	const char *pattern;
	size_t i;

	param[0] = param[1] = NULL;
	if (at == -1)
		return ROUTE_NO_PATH;
	pattern = table[at].pattern;
	if (strcmp(method, "OPTIONS") == 0)
		return ROUTE_OPTIONS;
	for (i = (size_t)at; i < len && strcmp(table[i].pattern, pattern) == 0; i++) {
		if (strcmp(table[i].method, method) == 0) {
			(void)fit(pattern, r, param);
			*found = &table[i];
			return ROUTE_OK;
		}
	}
	return ROUTE_NO_METHOD;
}

const char *
route_allow(const struct route *table, size_t len, const struct req *r, struct arena *mem)
{
	const char *allow = "";
	int at = best(table, len, r);
	size_t i;

	for (i = (size_t)at; at >= 0 && i < len; i++) {
		if (strcmp(table[i].pattern, table[at].pattern) != 0)
			break;
		allow = arena_printf(mem, "%s%s%s, ", allow, table[i].method,
		    strcmp(table[i].method, "GET") == 0 ? ", HEAD" : "");
	}
	return arena_printf(mem, "%sOPTIONS", allow);
}
