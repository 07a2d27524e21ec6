#ifndef APP_API_IMPORT_ROWS_H
#define APP_API_IMPORT_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/pin.h"

struct arena;
struct json_object;
struct problem;

/*
 * The rows of an import as they are stored, wherever they come from: the worker decodes each and
 * creates its pin or schedule. What only the upload shows is noted here. Lives in the request's
 * arena. Pure.
 */
#define IMPORT_ROWS_MAX 500
#define IMPORT_ROW_BYTES_MAX 65536 /* of one, as stored: twice what a pin of full length needs */
#define IMPORT_ROW_VALUES_MAX 2000 /* in its JSON */

struct import_row {
	const char *payload;               /* one JSON object of pin fields */
	size_t line;                       /* where it begins in the file; 0: no file */
	const char *account_id, *board_id; /* as given; NULL: not as text */
	/* Why the row must fail; code NULL: nothing is known. Field "": the whole row. */
	const char *refused_code, *refused_field, *refused_message;
	const char *refused_remedy; /* NULL: none that the message does not tell */
};

struct import_rows {
	struct import_row row[IMPORT_ROWS_MAX];
	size_t len;
	size_t bytes;     /* of all payloads */
	size_t bytes_max; /* 0: any number; what is beyond is not kept (import_rows_fit()) */
	struct json_object
	    *warnings; /* array of {code, message, ...}, or NULL; freed by the owner */
};

/* The names of a pin's fields, NULL-ended. */
void import_rows_fields(const char *out[PIN_FIELDS_MAX + 1]);
/* The next row: `fields` is copied. One that is too large is refused, and nothing of it kept. */
struct import_row *import_rows_add(
    struct import_rows *rows, struct json_object *fields, struct arena *mem);
/*
 * The rows of a JSON import, of an array that json_scan() has passed. `ignore`: members that are no
 * pin fields are left out, and a warning names them; but not those that mean one of ours, since the
 * row would become something else. 0, or -1 and `why`.
 */
MUST_CHECK int import_rows_json(struct import_rows *out, const char *text, size_t len, bool ignore,
    struct arena *mem, struct problem *why);
/* Adds to `why` if the rows are more than bytes_max. */
void import_rows_fit(const struct import_rows *rows, struct arena *mem, struct problem *why);

/* Adds a warning; what is returned may get more members. */
struct json_object *import_rows_warning(
    struct import_rows *rows, const char *code, const char *message);

/* Names that were ignored, for one warning. */
#define IMPORT_IGNORED_MAX 32

struct import_ignored {
	struct {
		const char *name;
		size_t rows, first; /* how many rows have it; the first of them, from 1 */
	} of[IMPORT_IGNORED_MAX];
	size_t len;
	size_t more; /* not listed */
};
/* Notes a name; `row` 0: a column of all rows. */
void import_rows_ignore(struct import_ignored *i, const char *name, size_t row, struct arena *mem);
/* Adds the warning, if names were ignored. `names`: the known ones. */
void import_rows_warn(
    struct import_rows *rows, const struct import_ignored *i, const char *const *names);
/* The time that an unknown name may mean, or NULL: ignoring it would publish at another time. */
const char *import_rows_time_meant(const char *name);
/*
 * Whether an ignored name and its value look like the time to publish at, whatever it is called
 * ("scheduled_at", "Publish date"): a row that has no other would leave at once.
 */
bool import_rows_loses_time(const char *name, const char *value);
/* Refuses such a row, unless it is refused already. `meant`: what the name should be. */
void import_rows_refuse_time(
    struct import_row *row, const char *name, const char *meant, struct arena *mem);

#endif
