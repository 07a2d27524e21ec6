/* Finds the route of a request in a table. */
#include "app/http/route.h"

#include <string.h>

#include "lib/arena.h"

static bool
pattern_matches(const char *pattern, const struct req *r, const char *param[ROUTE_MAX_PARAMS])
{
	unsigned params = 0;
	size_t i, n;

	param[0] = param[1] = NULL;
	if (pattern[1] == '\0' || r->segments == 0)
		return pattern[1] == '\0' && r->segments == 0;
	for (i = 0; i < r->segments; i++) {
		if (*pattern++ != '/')
			return false;
		n = strcspn(pattern, "/");
		if (n == 2 && pattern[0] == '{') {
			if (r->segment[i][0] == '\0' || params == ROUTE_MAX_PARAMS)
				return false;
			param[params++] = r->segment[i];
		} else if (strncmp(pattern, r->segment[i], n) != 0 || r->segment[i][n] != '\0') {
			return false;
		}
		pattern += n;
	}
	return *pattern == '\0';
}

/* The first matching pattern; -1: none. '{' sorts after every letter, so a fixed segment wins. */
static int
pattern_find(
    const struct route *table, size_t len, const struct req *r, const char *param[ROUTE_MAX_PARAMS])
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (pattern_matches(table[i].pattern, r, param))
			return (int)i;
	}
	return -1;
}

enum route_rc
route_find(const struct route *table, size_t len, const struct req *r, const struct route **found,
    const char *param[ROUTE_MAX_PARAMS])
{
	const char *method = strcmp(r->method, "HEAD") == 0 ? "GET" : r->method;
	int at = pattern_find(table, len, r, param);
	const char *pattern;
	size_t i;

	if (at == -1)
		return ROUTE_NO_PATH;
	pattern = table[at].pattern;
	if (strcmp(method, "OPTIONS") == 0)
		return ROUTE_OPTIONS;
	for (i = (size_t)at; i < len && strcmp(table[i].pattern, pattern) == 0; i++) {
		if (strcmp(table[i].method, method) == 0) {
			*found = &table[i];
			return ROUTE_OK;
		}
	}
	return ROUTE_NO_METHOD;
}

const char *
route_allow(const struct route *table, size_t len, const struct req *r, struct arena *mem)
{
	const char *allow = "", *param[ROUTE_MAX_PARAMS];
	int at = pattern_find(table, len, r, param);
	size_t i;

	for (i = (size_t)at; at >= 0 && i < len; i++) {
		if (strcmp(table[i].pattern, table[at].pattern) != 0)
			break;
		allow = arena_printf(mem, "%s%s%s, ", allow, table[i].method,
		    strcmp(table[i].method, "GET") == 0 ? ", HEAD" : "");
	}
	return arena_printf(mem, "%sOPTIONS", allow);
}
