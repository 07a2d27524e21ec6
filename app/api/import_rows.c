/* Rows of imports, and what is done about names in them that are not ours. */
#include "app/api/import_rows.h"

#include <ctype.h>
#include <string.h>

#include "app/api/csv_columns.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/json.h"
#include "lib/json_scan.h"
#include "lib/nearest.h"
#include "lib/problem.h"
#include "lib/text.h"
#include "lib/utf8.h"

#define SHOWN_BYTES 64
#define WARNING_MAX 8000

void
import_rows_fields(const char *out[PIN_FIELDS_MAX + 1])
{
	size_t n = 0;

	while ((out[n] = pin_field_name(n)) != NULL)
		n++;
}

static const char *
row_text(struct json_object *o, const char *name, struct arena *mem)
{
	struct json_object *v = NULL;
	const char *text;
	size_t len;

	if (!json_object_object_get_ex(o, name, &v) || !json_object_is_type(v, json_type_string))
		return NULL;
	len = (size_t)json_object_get_string_len(v);
	text = text_trim(json_object_get_string(v), &len);
	return memchr(text, '\0', len) == NULL ? arena_strndup(mem, text, len) : NULL;
}

static struct import_row *
add_row(struct import_rows *rows)
{
	struct import_row *row = &rows->row[rows->len++];

	*row = (struct import_row){ .payload = "{}" };
	return row;
}

static void
import_row_refuse(struct import_row *row, const char *message)
{
	row->refused_code = "validation_error";
	row->refused_field = "";
	row->refused_message = message;
}

struct import_row *
import_rows_add(struct import_rows *rows, struct json_object *fields, struct arena *mem)
{
	struct import_row *row = add_row(rows);
	size_t len;
	const char *text = json_dump(fields, &len);

	if (len > IMPORT_ROW_BYTES_MAX) {
		import_row_refuse(row,
		    arena_printf(mem, "The row has more than %d bytes.", IMPORT_ROW_BYTES_MAX));
		return row;
	}
	rows->bytes += len;
	if (rows->bytes_max > 0 && rows->bytes > rows->bytes_max)
		return row;
	row->payload = arena_strndup(mem, text, len);
	row->account_id = row_text(fields, "account_id", mem);
	row->board_id = row_text(fields, "board_id", mem);
	return row;
}

void
import_rows_fit(const struct import_rows *rows, struct arena *mem, struct problem *why)
{
	if (rows->bytes_max > 0 && rows->bytes > rows->bytes_max)
		problem_field(why, mem, "",
		    arena_printf(mem,
			"the rows are %zu bytes when stored; at most %zu fit in one "
			"import",
			rows->bytes, rows->bytes_max));
}

/* ---- names that are not ours ---- */

void
import_rows_ignore(struct import_ignored *i, const char *name, size_t row, struct arena *mem)
{
	size_t shown = utf8_cut(name, strlen(name), SHOWN_BYTES), at = 0;

	while (at < i->len &&
	       (strncmp(i->of[at].name, name, shown) != 0 || i->of[at].name[shown] != '\0'))
		at++;
	if (at == IMPORT_IGNORED_MAX) {
		i->more++;
		return;
	}
	if (at == i->len) {
		i->of[at].name = arena_strndup(mem, name, shown);
		i->of[at].first = row;
		i->len++;
	}
	i->of[at].rows++;
}

static void
print_ignored(struct buf *text, const struct import_ignored *i, size_t at, const char *const *names)
{
	const char *near = nearest_name(i->of[at].name, names);
	const char *between = "; ";

	buf_printf(text, "%s%s", at > 0 ? ", " : "", i->of[at].name);
	if (i->of[at].first == 0 && near == NULL)
		return;
	buf_puts(text, " (");
	if (i->of[at].first == 0)
		between = "";
	else if (i->of[at].rows == 1)
		buf_printf(text, "row %zu", i->of[at].first);
	else
		buf_printf(text, "%zu rows, the first is %zu", i->of[at].rows, i->of[at].first);
	if (near != NULL)
		buf_printf(text, "%sdid you mean %s?", between, near);
	buf_putc(text, ')');
}

struct json_object *
import_rows_warning(struct import_rows *rows, const char *code, const char *message)
{
	struct json_object *o = json_object_new_object();

	json_put_text(o, "code", code);
	json_put_text(o, "message", message);
	if (rows->warnings == NULL)
		rows->warnings = json_object_new_array();
	json_object_array_add(rows->warnings, o);
	return o;
}

void
import_rows_warn(struct import_rows *rows, const struct import_ignored *i, const char *const *names)
{
	struct json_object *list;
	struct buf text;

	if (i->len == 0)
		return;
	list = json_object_new_array();
	buf_init(&text, WARNING_MAX);
	buf_puts(&text, "Not known, and ignored: ");
	for (size_t at = 0; at < i->len; at++) {
		print_ignored(&text, i, at, names);
		json_object_array_add(list, json_object_new_string(i->of[at].name));
	}
	if (i->more > 0)
		buf_printf(&text, ", and %zu more", i->more);
	buf_putc(&text, '.');
	json_put(import_rows_warning(rows, "unknown_ignored", buf_str(&text)), "names", list);
	buf_free(&text);
}

const char *
import_rows_time_meant(const char *name)
{
	static const char *const times[] = { "run_at", "not_after", NULL };

	return nearest_name(name, times);
}

/* The letters of a name, in lower case. */
static const char *
name_letters(const char *name, char out[SHOWN_BYTES + 1])
{
	size_t n = 0;

	for (; *name != '\0' && n < SHOWN_BYTES; name++)
		if (isalpha((unsigned char)*name))
			out[n++] = (char)tolower((unsigned char)*name);
	out[n] = '\0';
	return out;
}

static bool
name_of_time(const char *name)
{
	static const char *const parts[] = { "sched", "publish", "date", "time", "when", NULL };
	static const char *const whole[] = { "at", "day", "due", "dueat", "golive", "goliveat",
		"live", "liveat", "notbefore", "postat", "poston", "queueat", "release",
		"releaseat", "runon", "sendat", "start", "startat", "starts", "startsat", NULL };
	/* times of something else */
	static const char *const others[] = { "add", "birth", "creat", "delet", "edit", "end",
		"expir", "last", "modif", "remov", "timezone", "until", "updat", "upload", NULL };
	char letters[SHOWN_BYTES + 1];

	(void)name_letters(name, letters);
	for (size_t i = 0; others[i] != NULL; i++)
		if (strstr(letters, others[i]) != NULL)
			return false;
	for (size_t i = 0; parts[i] != NULL; i++)
		if (strstr(letters, parts[i]) != NULL)
			return true;
	for (size_t i = 0; whole[i] != NULL; i++)
		if (strcmp(letters, whole[i]) == 0)
			return true;
	return false;
}

/* "2027-03-01...", "3/1/2027", "1803891600", "46447.375", "Mon, 01 Mar 2027 09:00" */
static bool
value_of_time(const char *value)
{
	size_t digits = strspn(value, "0123456789"), date = strspn(value, "0123456789-/.:");
	const char *year = strstr(value, " 20");

	if (digits >= 5 || (digits >= 1 && date >= 6))
		return true;
	return year != NULL && strstr(value, "://") == NULL && strspn(year + 1, "0123456789") == 4;
}

bool
import_rows_loses_time(const char *name, const char *value)
{
	return value_of_time(value) && name_of_time(name);
}

void
import_rows_refuse_time(
    struct import_row *row, const char *name, const char *meant, struct arena *mem)
{
	if (row->refused_code != NULL)
		return;
	row->refused_code = "validation_error";
	row->refused_field = arena_strndup(mem, name, utf8_cut(name, strlen(name), SHOWN_BYTES));
	row->refused_message = arena_printf(mem,
	    "seems to be the time of this row, which would leave at once without it: name it %s, "
	    "or "
	    "leave it out",
	    meant);
}

/* ---- JSON ---- */

struct json_rows {
	struct import_rows *out;
	const char *names[PIN_FIELDS_MAX + 1];
	struct import_ignored ignored;
	bool ignore;
	struct arena *mem;
	struct problem *why;
};

/*
 * Ours but for letter case, blanks, "_" and "-", or one of our times misspelt: the row is left as
 * it is, and the worker refuses it.
 */
static bool
name_kept(const char *name, const char *const *names)
{
	return strlen(name) <= SHOWN_BYTES &&
	       (csv_columns_find(name, names) != NULL || import_rows_time_meant(name) != NULL);
}

static bool
has_run_at(struct json_object *row)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(row, "run_at", &v) && v != NULL &&
	       *json_object_get_string(v) != '\0';
}

/* A copy of the row with the members that are kept. *time: one left out that seems its run_at. */
static struct json_object *
known_members(struct json_object *row, const char *const *names, size_t number,
    struct import_ignored *ignored, const char **time, struct arena *mem)
{
	struct json_object_iterator at = json_object_iter_begin(row),
				    end = json_object_iter_end(row);
	struct json_object *out = json_object_new_object();
	bool timed = has_run_at(row);

	*time = NULL;
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *name = json_object_iter_peek_name(&at);
		struct json_object *value = json_object_iter_peek_value(&at);

		if (name_kept(name, names)) {
			json_put(out, name, json_object_get(value));
			continue;
		}
		import_rows_ignore(ignored, name, number, mem);
		if (!timed && value != NULL &&
		    import_rows_loses_time(name, json_object_get_string(value)))
			*time = name;
	}
	return out;
}

/* A row that is too large, or has too many values, is not even parsed. */
static void
add_json_row(struct json_rows *j, const char *text, size_t len, size_t number)
{
	static const struct json_limits limits = { 16, IMPORT_ROW_VALUES_MAX };
	struct json_object *row, *kept;
	struct json_fault fault = { 0 };
	const char *time = NULL;
	struct import_row *added;

	if (*text != '{') {
		problem_field(
		    j->why, j->mem, arena_printf(j->mem, "%zu", number - 1), "must be an object");
		return;
	}
	row = json_parse(text, len, &limits, &fault);
	if (row == NULL) {
		import_row_refuse(add_row(j->out), fault.reason);
		return;
	}
	kept = j->ignore ? known_members(row, j->names, number, &j->ignored, &time, j->mem)
			 : json_object_get(row);
	added = import_rows_add(j->out, kept, j->mem);
	if (time != NULL)
		import_rows_refuse_time(added, time, "run_at", j->mem);
	json_object_put(kept);
	json_object_put(row);
}

int
import_rows_json(struct import_rows *out, const char *text, size_t len, bool ignore,
    struct arena *mem, struct problem *why)
{
	struct json_rows j = { .out = out, .ignore = ignore, .mem = mem, .why = why };
	size_t n = json_array_count(text, len), at = 0, one_len;
	const char *one;

	if (n == 0)
		problem_field(why, mem, "", "an array of 1 to 500 rows is needed");
	else if (n > IMPORT_ROWS_MAX)
		problem_field(why, mem, "",
		    arena_printf(
			mem, "%zu rows; at most %d fit in one import", n, IMPORT_ROWS_MAX));
	if (n == 0 || n > IMPORT_ROWS_MAX)
		return -1;
	import_rows_fields(j.names);
	for (n = 1; (one = json_array_next(text, len, &at, &one_len)) != NULL; n++)
		add_json_row(&j, one, one_len, n);
	import_rows_warn(out, &j.ignored, j.names);
	import_rows_fit(out, mem, why);
	return problem_any(why) ? -1 : 0;
}
