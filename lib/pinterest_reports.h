#ifndef LIB_PINTEREST_REPORTS_H
#define LIB_PINTEREST_REPORTS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

struct arena;

struct json_object;

/* What Pinterest tells about terms and figures (OpenAPI document 5.23.0); pure. Untrusted. */

struct pinterest_term_group {
	const char *term;
	const char **related;
	size_t len;
};
/* Answer of GET /terms/related. Groups and terms of wrong types are left out. */
struct pinterest_terms {
	const char *id; /* NULL: not told */
	int64_t count;  /* as told; -1: not */
	struct pinterest_term_group *groups;
	size_t len;
};
/* 0, or -1 without a list of groups. */
MUST_CHECK int pinterest_terms_parse(
    struct pinterest_terms *t, const char *body, size_t len, struct arena *mem);

/*
 * Answer of GET /user_account/analytics or /pins/{id}/analytics, as a new object:
 * {"totals": {"impression": 5}, "daily": [{"date", "data_status", "metrics": {}}]}. What is no
 * number, or has no proper name or date, is left out. NULL: not such an answer.
 */
struct json_object *pinterest_report_parse(const char *body, size_t len);
/* Answer of GET /user_account/analytics/top_pins: [{"pin_id", "metrics": {}}]; or NULL. */
struct json_object *pinterest_top_pins_parse(const char *body, size_t len);

#endif
