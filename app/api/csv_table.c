/* Reads CSV files. The only user of libcsv. */
#include "app/api/csv_table.h"

#include <csv.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/http/route.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/problem.h"
#include "lib/text.h"
#include "lib/utf8.h"
#include "lib/xalloc.h"

#define CELL_MAX 20000
#define DELIMITERS ",;\t|"
#define DOS_END 0x1a /* Ctrl-Z, as old programs end a text */

/* A stray or unclosed quote is an error, and every line end is reported, for the line numbers. */
#define STRICTLY (CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL)

struct csv_reading {
	struct arena *mem;
	struct problem *why;
	struct csv_table *table;
	const char *cell[CSV_COLUMNS_MAX]; /* of the line being read */
	size_t cells, len;
	size_t values; /* cells kept so far, of all lines */
	size_t line;   /* where it begins */
	size_t inside; /* line ends inside its cells so far */
	size_t rows;   /* that are not blank, also those beyond the limit */
	bool beyond;   /* the line has more cells than the header: they are not kept */
	bool carriage; /* the last line ended with CR: an LF that follows belongs to it */
	bool stop;     /* the rest of the file is ignored */
};

static void __attribute__((format(printf, 2, 3)))
csv_refuse(struct csv_reading *r, const char *fmt, ...)
{
	char reason[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof reason, fmt, ap);
	va_end(ap);
	problem_field(r->why, r->mem, "", reason);
	r->stop = true;
}

/* Line ends in the text: LF, CRLF or CR. */
static size_t
line_ends(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n' || (text[i] == '\r' && (i + 1 == len || text[i + 1] != '\n'));
	return n;
}

/* ---- what is not CSV in UTF-8 ---- */

static const char *
foreign_format(const char *text, size_t len)
{
	static const struct {
		const char *start, *what;
		size_t len;
	} known[] = {
		{ "PK\x03\x04", "an Excel workbook or another ZIP archive", 4 },
		{ "\xd0\xcf\x11\xe0", "an Excel workbook", 4 },
		{ "\x1f\x8b", "compressed with gzip", 2 },
		{ "%PDF", "a PDF document", 4 },
		{ "{\\rtf", "an RTF document", 5 },
		{ "\xff\xfe", "UTF-16", 2 },
		{ "\xfe\xff", "UTF-16", 2 },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (len >= known[i].len && memcmp(text, known[i].start, known[i].len) == 0)
			return known[i].what;
	if (len >= 4 && ((text[0] == '\0') != (text[1] == '\0')) &&
	    ((text[2] == '\0') == (text[0] == '\0')) && ((text[3] == '\0') == (text[1] == '\0')))
		return "UTF-16";
	text = text_trim(text, &len);
	if (len > 0 && *text == '<')
		return "HTML or XML";
	if (len > 0 && (*text == '{' || *text == '['))
		return "JSON, which POST /v1/pins/imports/json takes";
	return NULL;
}

/* Refuses the first byte that is no text. */
static void
check_bytes(struct csv_reading *r, const char *text, size_t len)
{
	size_t at = 0, line, start, n;
	uint32_t c;

	while (at < len && text[at] != '\0' && (n = utf8_decode(text + at, len - at, &c)) > 0)
		at += n;
	if (at == len)
		return;
	line = 1 + line_ends(text, at);
	for (start = at; start > 0 && text[start - 1] != '\n' && text[start - 1] != '\r'; start--)
		;
	if (text[at] == '\0')
		csv_refuse(r, "line %zu: byte %zu of the line is a NUL", line, at - start + 1);
	else
		csv_refuse(r,
		    "line %zu: byte %zu of the line (0x%02X) is not UTF-8; it may be Windows-1252 "
		    "or Latin-1: save the file as \"CSV UTF-8\"",
		    line, at - start + 1, (unsigned char)text[at]);
}

/* ---- the delimiter ---- */

/* Length of a first line "sep=;", 0: there is none. Excel writes and obeys it. */
static size_t
separator_line(struct csv_reading *r, const char *text, size_t len)
{
	size_t end = 0, quote = len > 0 && text[0] == '"';
	char c;

	while (end < len && text[end] != '\n' && text[end] != '\r')
		end++;
	if (end < quote + 4 || strncasecmp(text + quote, "sep=", 4) != 0)
		return 0;
	c = end > quote + 4 ? text[quote + 4] : '\0';
	for (size_t i = quote + 5; i < end; i++)
		if (text[i] != c && text[i] != ' ' && text[i] != '"')
			c = '\0';
	if (c == '\0' || strchr(DELIMITERS, c) == NULL)
		csv_refuse(r, "line 1: sep= names no delimiter that is read here: , ; | or a tab");
	r->table->delimiter = c;
	end += end < len && text[end] == '\r';
	end += end < len && text[end] == '\n';
	r->line++;
	return end;
}

/* The delimiter that occurs most often in the first line that is not blank, outside quotes. */
static char
likely_delimiter(const char *text, size_t len)
{
	static const char delimiters[] = DELIMITERS;
	size_t count[sizeof delimiters - 1] = { 0 }, best = 0;
	bool quoted = false;

	text = text_trim(text, &len);
	for (size_t i = 0; i < len && (quoted || (text[i] != '\n' && text[i] != '\r')); i++) {
		const char *found = text[i] != '\0' ? strchr(delimiters, text[i]) : NULL;

		if (text[i] == '"')
			quoted = !quoted;
		else if (found != NULL && !quoted)
			count[found - delimiters]++;
	}
	for (size_t i = 1; i < sizeof delimiters - 1; i++)
		if (count[i] > count[best])
			best = i;
	return delimiters[best];
}

/* ---- lines ---- */

/* ="0123" is how spreadsheets are told that a cell is text. Returns its start, and its length. */
static const char *
plain_cell(const char *text, size_t *len)
{
	text = text_trim(text, len);
	if (*len >= 3 && memcmp(text, "=\"", 2) == 0 && text[*len - 1] == '"' &&
	    memchr(text + 2, '"', *len - 3) == NULL) {
		text += 2;
		*len -= 3;
		text = text_trim(text, len);
	}
	return text;
}

static void
keep_cell(struct csv_reading *r, const char *text, size_t len)
{
	if (r->cells >= CSV_COLUMNS_MAX) {
		csv_refuse(r, "line %zu has more than %d columns", r->line, CSV_COLUMNS_MAX);
		return;
	}
	/* cells beyond the header and rows beyond the limit are only counted */
	if (r->table->header.cells > 0 && r->cells >= r->table->header.cells) {
		r->beyond = true;
		return;
	}
	if (++r->values > IMPORT_VALUES_MAX) {
		csv_refuse(r, "line %zu: the file has more than %d cells up to here; split it",
		    r->line, IMPORT_VALUES_MAX);
		return;
	}
	while (r->len < r->cells)
		r->cell[r->len++] = "";
	r->cell[r->len++] = r->rows < CSV_ROWS_MAX ? arena_strndup(r->mem, text, len) : "";
}

static void
csv_on_cell(void *data, size_t len, void *arg)
{
	struct csv_reading *r = arg;
	const char *text = data != NULL ? data : "", *cell;
	size_t cell_len = len;

	if (r->stop)
		return;
	if (len > CELL_MAX) {
		csv_refuse(r, "line %zu: a cell is longer than %d bytes; is a quote not closed?",
		    r->line + r->inside, CELL_MAX);
		return;
	}
	cell = plain_cell(text, &cell_len);
	if (cell_len > 0)
		keep_cell(r, cell, cell_len);
	r->cells++;
	r->inside += line_ends(text, len);
}

static void
csv_keep_line(struct csv_reading *r)
{
	struct csv_table *t = r->table;
	struct csv_line *to = &t->header;

	if (t->header.cells > 0) {
		if (++r->rows > CSV_ROWS_MAX)
			return;
		to = &t->rows[t->len++];
	}
	*to = (struct csv_line){ .number = r->line, .cells = r->cells, .len = r->len };
	to->cell = arena_alloc(r->mem, r->len * sizeof *to->cell);
	memcpy(to->cell, r->cell, r->len * sizeof *to->cell);
}

static void
csv_on_line(int end, void *arg)
{
	struct csv_reading *r = arg;
	bool rest_of_end = end == '\n' && r->carriage && r->cells == 0;

	r->carriage = end == '\r';
	if (r->stop || rest_of_end)
		return;
	if (r->len > 0 || r->beyond)
		csv_keep_line(r);
	r->line += 1 + r->inside;
	r->cells = r->len = r->inside = 0;
	r->beyond = false;
}

/*
 * The end of the text in ="0123" when its first quote is at `at`: libcsv takes that quote for a
 * stray one. 0: it is one.
 */
static size_t
marked_text_end(const char *text, size_t at, size_t len, char delimiter)
{
	size_t end = at + 1;

	if (text[at] != '"' || at == 0 || text[at - 1] != '=' ||
	    (at > 1 && text[at - 2] != delimiter && text[at - 2] != '\n' && text[at - 2] != '\r'))
		return 0;
	while (end < len && strchr("\"\r\n", text[end]) == NULL && text[end] != delimiter)
		end++;
	if (end == len || text[end] != '"')
		return 0;
	end++;
	return end == len || text[end] == delimiter || text[end] == '\r' || text[end] == '\n' ? end
											      : 0;
}

static void
refuse_quote(struct csv_reading *r, const char *text, size_t at)
{
	const char *fault = text[at] == '"'
				? "a quote inside a text: write the text in quotes, and "
				  "each quote in it twice"
				: "text behind a closing quote: write a quote inside a "
				  "text twice";
	size_t line = 1 + line_ends(text, at), begun = r->line + r->inside;

	if (line == begun)
		csv_refuse(r, "line %zu: %s", line, fault);
	else
		csv_refuse(
		    r, "line %zu, in the cell that begins in line %zu: %s", line, begun, fault);
}

static void
read_lines(struct csv_reading *r, const char *text, size_t at, size_t len)
{
	struct csv_parser p;
	size_t end;

	if (csv_init(&p, STRICTLY) != 0) {
		csv_refuse(r, "the file cannot be read");
		return;
	}
	csv_set_delim(&p, (unsigned char)r->table->delimiter);
	while (!r->stop) {
		at += csv_parse(&p, text + at, len - at, csv_on_cell, csv_on_line, r);
		if (at == len)
			break;
		end = marked_text_end(text, at, len, r->table->delimiter);
		if (csv_error(&p) != CSV_EPARSE || end == 0) {
			refuse_quote(r, text, at);
			break;
		}
		(void)csv_set_opts(&p, STRICTLY & ~CSV_STRICT);
		at += csv_parse(&p, text + at, end - at, csv_on_cell, csv_on_line, r);
		(void)csv_set_opts(&p, STRICTLY);
	}
	if (!r->stop && csv_fini(&p, csv_on_cell, csv_on_line, r) != 0)
		csv_refuse(r, "line %zu: the quote that opens a cell there is never closed",
		    r->line + r->inside);
	csv_free(&p);
}

struct csv_table *
csv_table_read(const char *text, size_t len, struct arena *mem, struct problem *why)
{
	struct csv_reading r = { .mem = mem, .why = why, .line = 1 };
	const char *foreign;
	size_t skip;

	r.table = arena_alloc(mem, sizeof *r.table);
	r.table->rows = arena_alloc(mem, CSV_ROWS_MAX * sizeof *r.table->rows);
	for (; len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0; text += 3)
		len -= 3;
	len -= len > 0 && text[len - 1] == DOS_END;
	foreign = foreign_format(text, len);
	if (foreign != NULL) {
		csv_refuse(&r, "the file is %s, not CSV in UTF-8", foreign);
		return NULL;
	}
	check_bytes(&r, text, len);
	if (r.stop)
		return NULL;
	skip = separator_line(&r, text, len);
	if (skip == 0)
		r.table->delimiter = likely_delimiter(text, len);
	if (!r.stop)
		read_lines(&r, text, skip, len);
	if (!r.stop && r.table->header.cells == 0)
		csv_refuse(&r, "the file is empty: a header line with column names is needed");
	if (!r.stop && r.rows == 0)
		csv_refuse(&r, "the file has no rows");
	if (!r.stop && r.rows > CSV_ROWS_MAX)
		csv_refuse(&r, "the file has %zu rows; at most %d fit in one import", r.rows,
		    CSV_ROWS_MAX);
	return r.stop ? NULL : r.table;
}

const char *
csv_cell(const struct csv_line *line, size_t i)
{
	return i < line->len ? line->cell[i] : "";
}

void
csv_put_cell(struct buf *out, const char *text, bool last)
{
	size_t len = strlen(text), size = 2 * len + 2;
	char *cell = xmalloc(size);

	(void)buf_add(out, cell, csv_write(cell, size, text, len));
	(void)buf_puts(out, last ? "\r\n" : ",");
	free(cell);
}
