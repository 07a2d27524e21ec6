#ifndef LIB_LIMIT_H
#define LIB_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

struct arena;
struct conf;

/* What a project, or a person, may have: the list is limit.def. First those of rows. */
enum limit {
#define LIMIT(NAME, name, place, setting, kind, statement, what) LIMIT_##NAME,
#define SHARE(NAME, name, setting, least, most)
#include "lib/limit.def"
#undef LIMIT
#undef SHARE
	LIMIT__ROWS,
	LIMIT__LAST_ROW = LIMIT__ROWS - 1,
#define LIMIT(NAME, name, place, setting, kind, statement, what)
#define SHARE(NAME, name, setting, least, most) LIMIT_##NAME,
#include "lib/limit.def"
#undef LIMIT
#undef SHARE
	LIMIT__COUNT
};

struct limit_info {
	const char *name, *setting;
	int64_t least, most; /* of a project's own */
	bool personal;       /* of a person or an organization: no project's own */
};
const struct limit_info *limit_info(enum limit which);
/* False: there is none of that name. */
MUST_CHECK bool limit_find(const char *name, size_t len, enum limit *which);

/* Limits that the operator gave one project; all zero: none. */
struct limit_own {
	unsigned set; /* a bit for each that is there */
	int64_t value[LIMIT__COUNT];
};
/*
 * As the table projects has them: "accounts=5 api_keys=3", NULL: none. What is unknown or not
 * within its bounds is passed over.
 */
void limit_own_read(struct limit_own *own, const char *text);
/* In the arena; NULL: none. */
const char *limit_own_text(const struct limit_own *own, struct arena *mem);
MUST_CHECK bool limit_is_own(const struct limit_own *own, enum limit which);

/* The limit in force: the project's own, else that of the settings. */
int64_t limit_value(const struct conf *conf, const struct limit_own *own, enum limit which);

#endif
