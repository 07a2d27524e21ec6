#ifndef LIB_PINTEREST_REPORTS_H
#define LIB_PINTEREST_REPORTS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

struct arena;

/* What Pinterest tells about terms (OpenAPI document 5.23.0); pure. Answers are untrusted. */

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

#endif
