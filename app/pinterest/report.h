#ifndef APP_PINTEREST_REPORT_H
#define APP_PINTEREST_REPORT_H

#include <stdint.h>

#include "app/pinterest/upstream.h"
#include "lib/attr.h"

struct call;
struct json_object;
struct problem;
struct store_account;

/*
 * Figures of Pinterest, kept for [analytics] cache_s and no longer: Pinterest's guidelines want
 * them read anew. Of callers who ask the same thing at once only the first asks Pinterest.
 */
enum report_kind { REPORT_FIGURES, REPORT_TOP_PINS };

struct report {
	struct json_object *value; /* as pinterest_reports.h says; free with json_object_put() */
	int64_t as_of_us;          /* when Pinterest was asked */
};

/*
 * Asks GET `path`, or takes what is cached. Other than UPSTREAM_OK: `why` is set, out->value NULL.
 * Never call it in a transaction.
 */
MUST_CHECK enum upstream_result report_fetch(struct call *c, const struct store_account *account,
    enum report_kind kind, const char *path, struct report *out, struct problem *why);

#endif
