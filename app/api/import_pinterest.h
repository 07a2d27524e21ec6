#ifndef APP_API_IMPORT_PINTEREST_H
#define APP_API_IMPORT_PINTEREST_H

#include <stdbool.h>

#include "lib/attr.h"

struct call;
struct csv_table;
struct import_rows;
struct limiter;

/* What is given beside a file of Pinterest's bulk upload; NULL: absent. */
struct import_pinterest_form {
	const char *account_id; /* required */
	const char *timezone;   /* required when a date has no offset */
	const char *key;        /* begins every row's idempotency key */
	bool ignore;
	struct limiter *making;
	/* where the rows wait for their turn, or NULL */ /* columns that are not known */
};

/* The header line is that of Pinterest's bulk upload. */
MUST_CHECK bool import_pinterest_meant(const struct csv_table *t);
/*
 * Reads such a file; its boards are named, so they are listed on Pinterest now. False: the reply is
 * the refusal.
 */
MUST_CHECK bool import_pinterest_read(struct call *c, const struct csv_table *t,
    const struct import_pinterest_form *form, struct import_rows *out);

#endif
