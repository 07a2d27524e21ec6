/* Pinterest's bulk-upload CSV. */
#include "app/api/pinterest_csv.h"

#include <string.h>
#include <strings.h>

#include "app/api/csv_columns.h"
#include "app/api/csv_rows.h"
#include "app/api/csv_table.h"
#include "app/api/import_rows.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/nearest.h"
#include "lib/problem.h"
#include "lib/rfc3339.h"
#include "lib/utf8.h"
#include "lib/zone.h"

#define NEAREST 3
#define COMPARED_MAX                                                                               \
	100000 /* names of boards, for the nearest; a file may name others in each row */
#define NAME_SHOWN_MAX 100
#define KEY_BYTES 16
#define LINE_MAX_BYTES (1 << 20) /* more than its cells may have */

const char *const pinterest_csv_columns[PINTEREST_CSV__COUNT + 1] = {
	[PINTEREST_CSV_TITLE] = "Title",
	[PINTEREST_CSV_MEDIA] = "Media URL",
	[PINTEREST_CSV_BOARD] = "Pinterest board",
	[PINTEREST_CSV_THUMBNAIL] = "Thumbnail",
	[PINTEREST_CSV_DESCRIPTION] = "Description",
	[PINTEREST_CSV_LINK] = "Link",
	[PINTEREST_CSV_DATE] = "Publish date",
	[PINTEREST_CSV_KEYWORDS] = "Keywords",
	[PINTEREST_CSV__COUNT] = NULL,
};

/* A line being read. */
struct pinterest_csv_line {
	const struct pinterest_csv_import *in;
	struct arena *mem;
	const char *cell[PINTEREST_CSV__COUNT];
	struct json_object *fields;
	const char *code, *message; /* what only this dialect can say is wrong */
	enum pinterest_csv_column wrong;
	enum zone_clock clock;
	size_t *compared; /* of the whole file */
};

static void
fail_line(struct pinterest_csv_line *l, enum pinterest_csv_column column, const char *code,
    const char *message)
{
	if (l->code != NULL) {
		l->message = arena_printf(
		    l->mem, "%s; %s: %s", l->message, pinterest_csv_columns[column], message);
		return;
	}
	l->wrong = column;
	l->code = code;
	l->message = message;
}

/* The only board of that name: as written, else without regard to case. NULL: none, or several. */
static const struct pinterest_csv_board *
find_board_named(const struct pinterest_csv_import *in, const char *name, size_t *found)
{
	const struct pinterest_csv_board *one = NULL;

	*found = 0;
	for (int pass = 0; pass < 2 && *found == 0; pass++) {
		for (size_t i = 0; i < in->boards_len; i++) {
			const char *other = in->boards[i].name;

			if (pass == 0 ? strcmp(other, name) != 0 : strcasecmp(other, name) != 0)
				continue;
			one = &in->boards[i];
			(*found)++;
		}
	}
	return *found == 1 ? one : NULL;
}

static const char *
nearest_boards(const struct pinterest_csv_line *l, const char *name)
{
	const struct pinterest_csv_import *in = l->in;
	const char **names = arena_alloc(l->mem, (in->boards_len + 1) * sizeof(*names));
	const char *near[NEAREST], *text = "";
	size_t n;

	*l->compared += in->boards_len;
	for (size_t i = 0; i < in->boards_len; i++)
		names[i] = in->boards[i].name;
	n = nearest_names(name, names, in->boards_len, near, NEAREST);
	for (size_t i = 0; i < n; i++)
		text = arena_printf(l->mem, "%s%s\"%s\"", text, i > 0 ? ", " : "", near[i]);
	return text;
}

static void
fail_unknown_board(struct pinterest_csv_line *l, const char *name)
{
	const char *shown =
	    arena_strndup(l->mem, name, utf8_cut(name, strlen(name), NAME_SHOWN_MAX));

	if (l->in->boards_len == 0)
		fail_line(l, PINTEREST_CSV_BOARD, "board_not_found", "the account has no boards");
	else if (*l->compared > COMPARED_MAX)
		fail_line(l, PINTEREST_CSV_BOARD, "board_not_found",
		    arena_printf(l->mem, "the account has no board \"%s\"", shown));
	else
		fail_line(l, PINTEREST_CSV_BOARD, "board_not_found",
		    arena_printf(l->mem, "the account has no board \"%s\"; the nearest: %s", shown,
			nearest_boards(l, name)));
}

static void
read_board(struct pinterest_csv_line *l)
{
	const char *name = l->cell[PINTEREST_CSV_BOARD], *slash = strrchr(name, '/');
	const struct pinterest_csv_board *board;
	size_t found;

	if (*name == '\0') {
		fail_line(l, PINTEREST_CSV_BOARD, "validation_error", "is required");
		return;
	}
	board = find_board_named(l->in, name, &found);
	if (board != NULL) {
		json_put_text(l->fields, "board_id", board->id);
		return;
	}
	if (found > 1)
		fail_line(l, PINTEREST_CSV_BOARD, "board_not_found",
		    arena_printf(l->mem,
			"%zu boards of the account are called \"%s\": use our own CSV, with "
			"board_id",
			found, name));
	else if (slash != NULL &&
		 find_board_named(
		     l->in, arena_strndup(l->mem, name, (size_t)(slash - name)), &found) != NULL)
		fail_line(l, PINTEREST_CSV_BOARD, "board_not_found",
		    "names a section of a board: sections are not supported, give the board alone");
	else
		fail_unknown_board(l, name);
}

bool
pinterest_csv_needs_zone(const struct csv_table *t)
{
	static const char *const date[] = { "Publish date", NULL };
	int64_t us;

	for (size_t i = 0; i < t->header.len; i++)
		for (size_t j = 0; j < t->len && csv_columns_find(t->header.cell[i], date); j++)
			if (*csv_cell(&t->rows[j], i) != '\0' &&
			    rfc3339_fault(csv_cell(&t->rows[j], i), &us) != NULL)
				return true;
	return false;
}

static void
read_date(struct pinterest_csv_line *l)
{
	const char *text = l->cell[PINTEREST_CSV_DATE];
	char out[RFC3339_SIZE];
	int64_t us;

	if (*text == '\0')
		return;
	/* A time with its offset needs no zone. */
	if (rfc3339_fault(text, &us) == NULL) {
		json_put_time(l->fields, "run_at", us);
		return;
	}
	if (rfc3339_parse_lenient(text, &us) == -1) {
		fail_line(l, PINTEREST_CSV_DATE, "validation_error",
		    "must look like 2027-03-10T14:30:00");
		return;
	}
	if (l->in->zone == NULL) {
		fail_line(l, PINTEREST_CSV_DATE, "validation_error",
		    "has no offset, and no timezone was given");
		return;
	}
	us = zone_to_utc(l->in->zone, us / US_PER_S, &l->clock) * US_PER_S + us % US_PER_S;
	json_put_text(l->fields, "run_at", rfc3339_format(us < 0 ? 0 : us, out));
}

/* Of what makes the row: the same row again is the same pin, a changed one is another. */
static const char *
key_of_line(const struct pinterest_csv_line *l)
{
	unsigned char sha[SHA256_SIZE];
	char hex[2 * KEY_BYTES + 1];
	struct buf text;

	buf_init(&text, LINE_MAX_BYTES);
	(void)buf_puts(&text, l->in->account_id);
	for (size_t i = 0; i < PINTEREST_CSV__COUNT; i++)
		(void)buf_printf(&text, "\n%zu:%s", i, l->cell[i]);
	crypto_sha256(buf_str(&text), text.len, sha);
	buf_free(&text);
	return arena_printf(l->mem, "pinterest-csv-%s", crypto_hex(sha, KEY_BYTES, hex));
}

static void
read_pinterest_line(struct pinterest_csv_line *l, size_t number)
{
	static const struct {
		enum pinterest_csv_column column;
		const char *field;
	} plain[] = {
		{ PINTEREST_CSV_TITLE, "title" },
		{ PINTEREST_CSV_MEDIA, "image_url" },
		{ PINTEREST_CSV_DESCRIPTION, "description" },
		{ PINTEREST_CSV_LINK, "link_url" },
	};

	json_put_text(l->fields, "account_id", l->in->account_id);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (*l->cell[plain[i].column] != '\0')
			json_put_text(l->fields, plain[i].field, l->cell[plain[i].column]);
	if (*l->cell[PINTEREST_CSV_KEYWORDS] != '\0')
		json_put(
		    l->fields, "related_terms", csv_rows_terms(l->cell[PINTEREST_CSV_KEYWORDS]));
	json_put_text(l->fields, "idempotency_key",
	    l->in->key != NULL ? arena_printf(l->mem, "%s-%zu", l->in->key, number)
			       : key_of_line(l));
	read_board(l);
	read_date(l);
	if (*l->cell[PINTEREST_CSV_THUMBNAIL] != '\0')
		fail_line(l, PINTEREST_CSV_THUMBNAIL, "validation_error",
		    "must be empty: it is for videos, which are not supported");
}

static enum zone_clock
add_pinterest_row(struct import_rows *out, const struct csv_columns *c, const struct csv_table *t,
    const struct csv_line *line, const struct pinterest_csv_import *in, size_t *compared,
    struct arena *mem)
{
	const char *date = pinterest_csv_columns[PINTEREST_CSV_DATE];
	struct pinterest_csv_line l = { .in = in, .mem = mem, .compared = compared };
	const char *fault = csv_columns_line_fault(c, line, mem);
	const char *lost = csv_rows_lost_time(c, t, line, date);
	struct import_row *row;

	l.fields = json_object_new_object();
	for (size_t j = 0; j < PINTEREST_CSV__COUNT; j++) {
		l.cell[j] = "";
		for (size_t i = 0; i < c->len; i++)
			if (c->field[i] == pinterest_csv_columns[j])
				l.cell[j] = csv_cell(line, i);
	}
	if (fault == NULL)
		read_pinterest_line(&l, out->len + 1);
	row = import_rows_add(out, l.fields, mem);
	row->line = line->number;
	if (row->refused_code == NULL && (fault != NULL || l.code != NULL)) {
		row->refused_code = fault != NULL ? "validation_error" : l.code;
		row->refused_field = fault != NULL ? "" : pinterest_csv_columns[l.wrong];
		row->refused_message = fault != NULL ? fault : l.message;
	} else if (lost != NULL)
		import_rows_refuse_time(row, lost, date, mem);
	json_object_put(l.fields);
	return l.clock;
}

static void
warn_of_clock(struct import_rows *out, const struct pinterest_csv_import *in, enum zone_clock clock,
    size_t rows, struct arena *mem)
{
	if (rows > 0)
		(void)import_rows_warning(out,
		    clock == ZONE_TWICE ? "local_time_twice" : "local_time_skipped",
		    arena_printf(mem,
			clock == ZONE_TWICE
			    ? "%zu rows have a time that occurs twice in %s, when clocks are put "
			      "back: the first was taken."
			    : "%zu rows have a time that does not occur in %s, when clocks are put "
			      "forward: it was moved on by as much.",
			rows, in->zone_name));
}

int
pinterest_csv_read(struct import_rows *out, const struct csv_table *t,
    const struct pinterest_csv_import *in, struct arena *mem, struct problem *why)
{
	size_t count[ZONE_TWICE + 1] = { 0 }, compared = 0;
	struct import_ignored ignored = { 0 };
	struct csv_columns columns = { .len = 0 };

	if (csv_columns_map(&columns, t, pinterest_csv_columns, in->ignore, mem, why) == -1)
		return -1;
	for (size_t i = 0; i < columns.ignored_len; i++)
		import_rows_ignore(&ignored, columns.ignored[i], 0, mem);
	for (size_t j = 0; j <= PINTEREST_CSV_BOARD; j++) {
		bool given = false;

		for (size_t i = 0; i < columns.len; i++)
			given = given || columns.field[i] == pinterest_csv_columns[j];
		if (!given)
			problem_field(why, mem, pinterest_csv_columns[j], "this column is missing");
	}
	if (problem_any(why))
		return -1;
	for (size_t i = 0; i < t->len; i++)
		count[add_pinterest_row(out, &columns, t, &t->rows[i], in, &compared, mem)]++;
	warn_of_clock(out, in, ZONE_TWICE, count[ZONE_TWICE], mem);
	warn_of_clock(out, in, ZONE_SKIPPED, count[ZONE_SKIPPED], mem);
	import_rows_warn(out, &ignored, pinterest_csv_columns);
	import_rows_fit(out, mem, why);
	return problem_any(why) ? -1 : 0;
}

/* ---- out ---- */

void
pinterest_csv_header(struct buf *out)
{
	for (size_t i = 0; i < PINTEREST_CSV__COUNT; i++)
		csv_put_cell(out, pinterest_csv_columns[i], i + 1 == PINTEREST_CSV__COUNT);
}

static const char *
joined_terms(const char *terms, struct arena *mem)
{
	struct json_object *list = terms != NULL ? json_tokener_parse(terms) : NULL;
	size_t len = list != NULL ? json_object_array_length(list) : 0;
	const char *joined;
	struct buf text;

	buf_init(&text, LINE_MAX_BYTES);
	for (size_t i = 0; i < len; i++)
		(void)buf_printf(&text, "%s%s", i > 0 ? "," : "",
		    json_object_get_string(json_object_array_get_idx(list, i)));
	json_object_put(list);
	joined = arena_strdup(mem, buf_str(&text));
	buf_free(&text);
	return joined;
}

static const char *
local_time(int64_t us, const struct zone *z, struct arena *mem)
{
	char out[RFC3339_SIZE];
	int64_t s = us / US_PER_S;

	(void)rfc3339_format((s + zone_offset(z, s)) * US_PER_S, out);
	return arena_strndup(mem, out, strlen("YYYY-MM-DDTHH:MM:SS"));
}

void
pinterest_csv_write(
    struct buf *out, const struct pinterest_csv_row *r, const struct zone *z, struct arena *mem)
{
	const char *const cells[PINTEREST_CSV__COUNT] = {
		[PINTEREST_CSV_TITLE] = r->title,
		[PINTEREST_CSV_MEDIA] = r->media,
		[PINTEREST_CSV_BOARD] = r->board,
		[PINTEREST_CSV_THUMBNAIL] = "",
		[PINTEREST_CSV_DESCRIPTION] = r->description,
		[PINTEREST_CSV_LINK] = r->link,
		[PINTEREST_CSV_DATE] = local_time(r->run_at_us, z, mem),
		[PINTEREST_CSV_KEYWORDS] = joined_terms(r->terms, mem),
	};

	for (size_t i = 0; i < PINTEREST_CSV__COUNT; i++)
		csv_put_cell(out, cells[i] != NULL ? cells[i] : "", i + 1 == PINTEREST_CSV__COUNT);
}
