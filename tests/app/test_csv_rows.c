/* CSV files: what is read, and for everything else which line, which column and why. */
#include "app/api/csv_rows.h"

#include <stdlib.h>

#include "app/api/csv_columns.h"
#include "app/api/csv_table.h"
#include "app/api/import_rows.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/problem.h"
#include "tests/tap.h"

#define T(s) s, sizeof(s) - 1

struct file {
	struct arena *mem;
	struct problem why;
	struct import_rows *rows;
	int rc;
};

static struct file
read_file(const char *text, size_t len, bool ignore)
{
	struct file f = { .mem = arena_new(), .rc = -1 };
	struct csv_table *t;

	f.rows = arena_alloc(f.mem, sizeof *f.rows);
	t = csv_table_read(text, len, f.mem, &f.why);
	if (t != NULL)
		f.rc = csv_rows_read(f.rows, t, ignore, f.mem, &f.why);
	return f;
}

static void
file_done(struct file *f)
{
	json_object_put(f->rows->warnings);
	arena_free(f->mem);
}

/* "3 {...}" for a row of line 3, "4 ! why" for one that must fail; one line each. */
static const char *
rows_text(const struct file *f)
{
	const char *all = "";

	if (f->rc == -1)
		return f->why.errors_len > 0 ? arena_printf(f->mem, "%s: %s", f->why.errors[0].path,
						   f->why.errors[0].reason)
					     : "no reason";
	for (size_t i = 0; i < f->rows->len; i++) {
		const struct import_row *r = &f->rows->row[i];

		all = arena_printf(f->mem, "%s%s%zu %s%s", all, i > 0 ? "\n" : "", r->line,
		    r->refused_code != NULL ? "! " : "",
		    r->refused_code != NULL ? r->refused_message : r->payload);
	}
	return all;
}

struct one {
	const char *name;
	const char *text;
	size_t len;
	const char *want;
};

static void
test_read(void)
{
	static const struct one cases[] = {
		{ "one row", T("title,board_id\nHello,7\n"),
		    "2 {\"title\":\"Hello\",\"board_id\":\"7\"}" },
		{ "CRLF, no end of line at the end", T("title\r\nA\r\nB"),
		    "2 {\"title\":\"A\"}\n3 {\"title\":\"B\"}" },
		{ "CR only", T("title\rA\r\rB\r"), "2 {\"title\":\"A\"}\n4 {\"title\":\"B\"}" },
		{ "byte order marks", T("\xef\xbb\xbf\xef\xbb\xbftitle\nA\n"),
		    "2 {\"title\":\"A\"}" },
		{ "quotes, line end and comma inside; later lines are counted on",
		    T("title,description\n\"a \"\"b\"\"\",\"x,\r\ny\"\nB,\nC,\"1\n2\n3\"\nD,\n"),
		    "2 {\"title\":\"a \\\"b\\\"\",\"description\":\"x,\\r\\ny\"}\n4 "
		    "{\"title\":\"B\",\"description\":\"\"}\n"
		    "5 {\"title\":\"C\",\"description\":\"1\\n2\\n3\"}\n8 "
		    "{\"title\":\"D\",\"description\":\"\"}" },
		{ "blank lines and lines of separators are skipped, and counted",
		    T("\ntitle,alt_text\n\n , \n\"\",\n,,,\nA,\n"),
		    "7 {\"title\":\"A\",\"alt_text\":\"\"}" },
		{ "blank lines with CRLF", T("title\r\n\r\n\r\nA\r\n"), "4 {\"title\":\"A\"}" },
		{ "empty cells are empty texts, which count as absent",
		    T("title,link_url,alt_text\nA,,b\n"),
		    "2 {\"title\":\"A\",\"link_url\":\"\",\"alt_text\":\"b\"}" },
		{ "terms", T("title,related_terms\nA,\"a, b|c,,|\"\n"),
		    "2 {\"title\":\"A\",\"related_terms\":[\"a\",\"b\",\"c\"]}" },
		{ "UTF-8", T("title\n\xc3\xa9\n"), "2 {\"title\":\"\xc3\xa9\"}" },
		{ "quoted cells are trimmed as others are",
		    T("title,idempotency_key\n\" A \",\" k\t\"\n"),
		    "2 {\"title\":\"A\",\"idempotency_key\":\"k\"}" },
		{ "semicolons", T("title;description\nA, B;C\n"),
		    "2 {\"title\":\"A, B\",\"description\":\"C\"}" },
		{ "tabs, an empty first cell", T("title\talt_text\n\tB\nA\t\n"),
		    "2 {\"title\":\"\",\"alt_text\":\"B\"}\n3 "
		    "{\"title\":\"A\",\"alt_text\":\"\"}" },
		{ "sep=;", T("sep=;\r\ntitle;alt_text\r\nA;B"),
		    "3 {\"title\":\"A\",\"alt_text\":\"B\"}" },
		{ "sep= for a header that seems otherwise",
		    T("\xef\xbb\xbf\"SEP=;\";;\ntitle;\"Alt,,Text\"\nA;B"),
		    "Alt,,Text: column 2 (B): unknown column; did you mean alt_text?" },
		{ "sep= a letter", T("sep=x\ntitle\nA\n"),
		    ": line 1: sep= names no delimiter that is read here: , ; | or a tab" },
		{ "names in any case, with blanks, hyphens, marks that nobody sees",
		    T("Title\xc2\xa0,BOARD ID,Image-URL,\xef\xbb\xbfrunAt\xe2\x80\x8b\nA,1,b,c\n"),
		    "2 {\"title\":\"A\",\"board_id\":\"1\",\"image_url\":\"b\",\"run_at\":\"c\"}" },
		{ "padding columns", T(",title,,,\n,A,,,\n,B,,,\n"),
		    "2 {\"title\":\"A\"}\n3 {\"title\":\"B\"}" },
		{ "padding of the header only", T("title,alt_text,,,\nA,\nB,,\n"),
		    "2 {\"title\":\"A\",\"alt_text\":\"\"}\n3 "
		    "{\"title\":\"B\",\"alt_text\":\"\"}" },
		{ "text marks of spreadsheets",
		    T("board_id,idempotency_key,title\n=\"0123\",=\"9\",'Tis\n\"=\"\"1\"\"\",'77,'"
		      "5\n"
		      "'1E+3,'a,=\"\n"),
		    "" },
		{ "text marks",
		    T("board_id,idempotency_key,title,run_at\n=\"0123\",=\"9\",'Tis,'2027\n"
		      "\"=\"\"1\"\"\",'77,'5,\n'1E+3,'a,=\"x\",=\"\"\n"),
		    "2 {\"board_id\":\"0123\",\"idempotency_key\":\"9\",\"title\":\"'Tis\","
		    "\"run_at\":\"2027\"}\n"
		    "3 "
		    "{\"board_id\":\"1\",\"idempotency_key\":\"77\",\"title\":\"5\",\"run_at\":"
		    "\"\"}\n"
		    "4 "
		    "{\"board_id\":\"1E+3\",\"idempotency_key\":\"'a\",\"title\":\"x\",\"run_at\":"
		    "\"\"}" },
		{ "a short line",
		    T("account_id,board_id,title,image_url,idempotency_key,run_at\na,b,Oak "
		      "shelf\n"),
		    "2 ! the line has 3 cells, the header 6; the first one missing is image_url" },
		{ "a text with a comma that is not quoted, last column empty",
		    T("title,description,campaign\nOak shelf, three ways,Made of oak,\nA,B,\n"),
		    "2 ! the line has 4 cells, the header 3; is a text with a comma in it not "
		    "quoted?\n3 {\"title\":\"A\",\"description\":\"B\",\"campaign\":\"\"}" },
		{ "the same beside padding columns",
		    T("title,campaign,,\nOak, three ways,c,,\nA,B,,\n"),
		    "2 ! the line has 5 cells, the header 4; is a text with a comma in it not "
		    "quoted?\n3 {\"title\":\"A\",\"campaign\":\"B\"}" },
		{ "a last line that is cut off", T("title,campaign,run_at\nA,B,C\nA,B"),
		    "2 {\"title\":\"A\",\"campaign\":\"B\",\"run_at\":\"C\"}\n"
		    "3 ! the line has 2 cells, the header 3; the first one missing is run_at" },
		{ "another delimiter in the lines", T("title,campaign\nA;B\n"),
		    "2 ! the line has 1 cell, the header 2; the first one missing is campaign" },
		{ "a surplus semicolon", T("title;campaign\nA;B;C\n"),
		    "2 ! the line has 3 cells, the header 2; is a text with a semicolon in it not "
		    "quoted?" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct file f = read_file(cases[i].text, cases[i].len, false);

		if (cases[i].want[0] == '\0')
			ok(f.rc == -1, "%s: a damaged mark is a stray quote", cases[i].name);
		else
			is_str(rows_text(&f), cases[i].want, cases[i].name);
		file_done(&f);
	}
}

static void
test_refused(void)
{
	static const struct one cases[] = {
		{ "unknown column, near", T("title,campain\nA,b\n"),
		    "campain: column 2 (B): unknown column; did you mean campaign?" },
		{ "unknown column, far", T("zzz,title\nA,b\n"),
		    "zzz: column 1 (A): unknown column" },
		{ "unknown column, the beginning of one of ours", T("title,Link\nA,b\n"),
		    "Link: column 2 (B): unknown column; did you mean link_url?" },
		{ "column twice", T("title,Alt text,TITLE\nA,b,c\n"),
		    "TITLE: column 3 (C): the column occurs twice; column 1 (A) is title too" },
		{ "value without a name", T("title,,board_id\nA,,c\nA,b,c\n"),
		    ": column 2 (B): has no name, but line 3 has \"b\" there" },
		{ "column AB",
		    T("title,,,,,,,,,,,,,,,,,,,,,,,,,,,\nA,,,,,,,,,,,,,,,,,,,,,,,,,,,b\n"),
		    ": column 28 (AB): has no name, but line 2 has \"b\" there" },
		{ "header only", T("title\n"), ": the file has no rows" },
		{ "header and blank lines", T("title,alt_text\n,\n\n"), ": the file has no rows" },
		{ "empty", T(""),
		    ": the file is empty: a header line with column names is needed" },
		{ "blank", T("\n \n"),
		    ": the file is empty: a header line with column names is needed" },
		{ "sep= only", T("sep=;"),
		    ": the file is empty: a header line with column names is needed" },
		{ "open quote", T("title,alt_text\nA,b\nB,\"c\nd\n"),
		    ": line 3: the quote that opens a cell there is never closed" },
		{ "a quote inside", T("title\nA\n\n5\" shelf\n"),
		    ": line 4: a quote inside a text: write the text in quotes, and each quote in "
		    "it "
		    "twice" },
		{ "text behind a quote", T("title\n\"A\"b\n"),
		    ": line 2: text behind a closing quote: write a quote inside a text twice" },
		{ "an open quote that the next one closes", T("title,alt_text\n\"A,b\nB,\"c\"\n"),
		    ": line 3, in the cell that begins in line 2: text behind a closing quote: "
		    "write a quote inside a text twice" },
		{ "sep= counts", T("sep=,\ntitle\nA\n\"\nB\n"),
		    ": line 4: the quote that opens a cell there is never closed" },
		{ "Windows-1252", T("title\nA\nSch\xf6n\n"),
		    ": line 3: byte 4 of the line (0xF6) is not UTF-8; it may be Windows-1252 or "
		    "Latin-1: save the file as \"CSV UTF-8\"" },
		{ "NUL", T("title\nA\0B\n"), ": line 2: byte 2 of the line is a NUL" },
		{ "UTF-16", T("\xff\xfet\0i\0\n\0"), ": the file is UTF-16, not CSV in UTF-8" },
		{ "UTF-16, big", T("\xfe\xff\0t\0i"), ": the file is UTF-16, not CSV in UTF-8" },
		{ "UTF-16 without a mark", T("t\0i\0t\0l\0"),
		    ": the file is UTF-16, not CSV in UTF-8" },
		{ "a workbook", T("PK\x03\x04\x14\0"),
		    ": the file is an Excel workbook or another ZIP archive, not CSV in UTF-8" },
		{ "gzip", T("\x1f\x8b\x08\0"),
		    ": the file is compressed with gzip, not CSV in UTF-8" },
		{ "a page", T("\xef\xbb\xbf <!DOCTYPE html>\n"),
		    ": the file is HTML or XML, not CSV in UTF-8" },
		{ "JSON", T("[{\"title\":\"A\"}]"),
		    ": the file is JSON, which POST /v1/pins/imports/json takes, not CSV in "
		    "UTF-8" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct file f = read_file(cases[i].text, cases[i].len, false);

		ok(f.rc == -1 && f.why.status == 422, "%s: refused", cases[i].name);
		is_str(rows_text(&f), cases[i].want, cases[i].name);
		file_done(&f);
	}
}

static void
test_unknown(void)
{
	struct file f = read_file(T("id,Title,campain,Note\n1,A,b,\n"), true);

	is_str(rows_text(&f), "2 {\"title\":\"A\"}", "unknown=ignore: only known columns are read");
	is_str(f.rows->warnings != NULL ? json_dump(f.rows->warnings, NULL) : NULL,
	    "[{\"code\":\"unknown_ignored\",\"message\":\"Not known, and ignored: id, campain (did "
	    "you mean campaign?), Note.\",\"names\":[\"id\",\"campain\",\"Note\"]}]",
	    "a warning names the others");
	file_done(&f);
	f = read_file(T(",title\n0,A\n1,B\n"), true);
	is_str(rows_text(&f), "2 {\"title\":\"A\"}\n3 {\"title\":\"B\"}",
	    "unknown=ignore: a column without a name before the others, as pandas writes it");
	file_done(&f);
	f = read_file(T("title,campaign,\nA,B,\nOak, three ways,c\n"), true);
	is_str(rows_text(&f), ": column 3 (C): has no name, but line 3 has \"c\" there",
	    "unknown=ignore: but not behind the others, where an unquoted comma pushes texts");
	file_done(&f);
	f = read_file(T("title,run_att\nA,2027\n"), true);
	is_str(rows_text(&f), "run_att: unknown column; did you mean run_at?",
	    "unknown=ignore: but no time that is misspelt, as the pin would be published at once");
	file_done(&f);
	f = read_file(T("title,scheduled_at,date_added,sku\nA,2027-03-01 "
			"09:00,,\nB,,1.3.2027,400638133393\n"),
	    true);
	ok(strstr(rows_text(&f), "2 ! seems to be the time") != NULL,
	    "unknown=ignore: a time of another name");
	is_str(f.rows->row[0].refused_field, "scheduled_at", "refuses the row that has no other");
	ok(strstr(f.rows->row[0].refused_message, "name it run_at") != NULL, "and says why");
	ok(f.rows->row[1].refused_code == NULL, "but no row without a value there");
	file_done(&f);
	f = read_file(T("title,Publish date,run_at\nA,2027-03-01,2027\nB,2027-03-01,\n"), true);
	ok(f.rows->row[0].refused_code == NULL, "a row that has its run_at may have other times");
	ok(f.rows->row[1].refused_code != NULL, "not so one whose run_at is empty");
	file_done(&f);
	f = read_file(T("nope,title\nA,b\n"), false);
	ok(f.why.remediation != NULL && strstr(f.why.remediation, "account_id, board_id") != NULL &&
		strstr(f.why.remediation, "unknown=ignore") != NULL,
	    "an unknown column is told the known ones, and how to ignore it");
	file_done(&f);
}

static void
test_json_rows(void)
{
	static const char text[] = "[{\"title\":\"A\",\"sku\":1,\"descripton\":\"x\"},"
				   "{\"title\":\"B\",\"sku\":2,\"RunAt\":\"y\",\"run_att\":1}]";
	struct file f = { .mem = arena_new() };

	f.rows = arena_alloc(f.mem, sizeof *f.rows);
	f.rc = import_rows_json(f.rows, text, strlen(text), true, f.mem, &f.why);
	is_str(rows_text(&f),
	    "0 {\"title\":\"A\"}\n0 {\"title\":\"B\",\"RunAt\":\"y\",\"run_att\":1}",
	    "JSON: unknown members are left out, but none that means one of ours or a time");
	is_str(f.rows->warnings != NULL ? json_dump(f.rows->warnings, NULL) : NULL,
	    "[{\"code\":\"unknown_ignored\",\"message\":\"Not known, and ignored: sku (2 rows, the "
	    "first is 1), descripton (row 1; did you mean description?).\",\"names\":[\"sku\","
	    "\"descripton\"]}]",
	    "JSON: a warning names them");
	file_done(&f);
	f = (struct file){ .mem = arena_new() };
	f.rows = arena_alloc(f.mem, sizeof *f.rows);
	f.rc = import_rows_json(f.rows, text, strlen(text), false, f.mem, &f.why);
	ok(strstr(rows_text(&f), "\"sku\":2") != NULL && f.rows->warnings == NULL,
	    "JSON, unknown=refuse: they stay, for the worker to refuse");
	file_done(&f);
}

/* A row whose time has another name would be published at once. */
static void
test_times_meant(void)
{
	static const char *const times[][2] = { { "scheduled_at", "2027-03-01T09:00:00Z" },
		{ "scheduledAt", "2027-03-01" }, { "publish_at", "1803891600" },
		{ "Publish date", "3/1/2027 9:00" }, { "date", "01.03.2027" },
		{ "when", "Mon, 01 Mar 2027 09:00:00 GMT" }, { "run_time", "46447.375" },
		{ "post_at", "2027-03-01 09:00" }, { "at", "2027-03-01 09:00" },
		{ "datetime", "1803891600000" }, { "not_before", "2027-03-01" } };
	static const char *const others[][2] = { { "created_at", "2027-03-01T09:00:00Z" },
		{ "updated_at", "2027-03-01T09:00:00Z" }, { "Date added", "2027-03-01" },
		{ "expires_at", "2027-03-01" }, { "time_zone", "2027-03-01" },
		{ "sku", "2027-03-01" }, { "ean", "4006381333931" }, { "published", "true" },
		{ "schedule_id", "01a22be2-3ef0-78e9-b9cf-decc8d496638" }, { "date", "" },
		{ "publish", "no" }, { "times", "3" }, { "category", "2027-03-01" } };

	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		ok(import_rows_loses_time(times[i][0], times[i][1]),
		    "%s: %s may be the time of a row", times[i][0], times[i][1]);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		ok(!import_rows_loses_time(others[i][0], others[i][1]), "%s: %s is none",
		    others[i][0], others[i][1]);
}

/* A list of faults ends somewhere, and says how many it leaves out. */
static void
test_many(void)
{
	char text[12000];
	size_t n = 0;
	struct file f;
	const char *names;

	for (int i = 0; i < 1000; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "u%d,", i);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "title\nA\n");
	f = read_file(text, n, false);
	ok(f.why.errors_len == PROBLEM_MAX_ERRORS && strstr(f.why.message, "and 968 more.") != NULL,
	    "1000 unknown columns: the last of 32 counts the rest: %s", f.why.message);
	file_done(&f);
	f = read_file(text, n, true);
	names = f.rows->warnings != NULL ? json_dump(f.rows->warnings, NULL) : "";
	ok(strstr(names, "and 968 more.") != NULL,
	    "1000 ignored columns: the warning counts the rest");
	file_done(&f);
}

static void
test_size(void)
{
	static char text[30000];
	size_t n = (size_t)snprintf(text, sizeof(text), "title\n");
	struct file f;

	for (int i = 0; i < IMPORT_ROWS_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "t%d\n\n", i);
	f = read_file(text, n, false);
	is_int(f.rc == 0 ? (int64_t)f.rows->len : -1, IMPORT_ROWS_MAX, "500 rows are accepted");
	file_done(&f);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "one more\nand one\n");
	f = read_file(text, n, false);
	is_str(rows_text(&f), ": the file has 502 rows; at most 500 fit in one import",
	    "502 rows are refused, and counted");
	file_done(&f);

	n += (size_t)snprintf(text + n, sizeof(text) - n, "\" \"\n\x1a");
	f = read_file(text, n, false);
	is_str(rows_text(&f), ": the file has 502 rows; at most 500 fit in one import",
	    "blank lines behind them, and the end mark of DOS, do not count");
	file_done(&f);

	n = (size_t)snprintf(text, sizeof(text), "title\n");
	memset(text + n, 'x', 20001);
	f = read_file(text, n + 20000, false);
	is_int(f.rc, 0, "a cell of 20000 bytes is read");
	file_done(&f);
	f = read_file(text, n + 20001, false);
	is_str(rows_text(&f), ": line 2: a cell is longer than 20000 bytes; is a quote not closed?",
	    "a cell of 20001 bytes is refused");
	file_done(&f);

	memset(text, ',', 1024);
	memcpy(text + 1023, "title\nA\n", 8);
	f = read_file(text, 1031, false);
	is_int(f.rc, -1, "a header in column 1024 is read; its line is short");
	file_done(&f);
	memset(text, ',', 1025);
	memcpy(text + 1024, "title\nA\n", 8);
	f = read_file(text, 1032, false);
	is_str(rows_text(&f), ": line 1 has more than 1024 columns", "a 1025th column is refused");
	file_done(&f);
}

static void
test_header_hints(void)
{
	static const struct {
		const char *text, *hint;
	} cases[] = {
		{ "\"title,board_id\"\n\"A,1\"\n",
		    "The whole header line is one cell: are the lines in" },
		{ "My plan\nA\n",
		    "No column is known: is the header line missing? The columns are" },
		{ "title,nope\nA,b\n", "The columns are account_id" },
	};
	struct file f;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f = read_file(cases[i].text, strlen(cases[i].text), false);
		ok(f.why.remediation != NULL &&
			strncmp(f.why.remediation, cases[i].hint, strlen(cases[i].hint)) == 0,
		    "a header that is none: %s", cases[i].hint);
		file_done(&f);
	}
}

static void
test_bounds(void)
{
	struct buf text;
	struct file f;

	/* a line of very many cells under a short header */
	buf_init(&text, 8 << 20);
	(void)buf_puts(&text, "title,board_id\nA,1\nB");
	for (int i = 0; i < 1000; i++)
		(void)buf_puts(&text, ",x");
	(void)buf_puts(&text, "\nC,3\n");
	f = read_file(buf_str(&text), text.len, false);
	ok(f.rc == 0 && f.rows->len == 3 && f.rows->row[1].line == 3 &&
		strstr(f.rows->row[1].refused_message, "the line has 1001 cells, the header 2") !=
		    NULL &&
		f.rows->row[2].refused_code == NULL,
	    "cells beyond the header refuse their line, and the next one is read");
	ok(strcmp(f.rows->row[1].payload, "{}") == 0, "none of its cells is kept");
	file_done(&f);
	buf_free(&text);
	buf_init(&text, 8 << 20);
	(void)buf_puts(&text, "title,board_id\nA");
	for (int i = 0; i < 2000000; i++)
		(void)buf_puts(&text, ",x");
	f = read_file(buf_str(&text), text.len, false);
	is_str(rows_text(&f), ": line 2 has more than 1024 columns",
	    "far too many cells in a line refuse the file at once");
	ok(arena_bytes(f.mem) < (1 << 20), "and nothing much of it was kept");
	file_done(&f);
	buf_free(&text);

	/* cells in all */
	buf_init(&text, 8 << 20);
	for (int line = 0; line <= 500; line++)
		for (int i = 0; i < 200; i++)
			(void)buf_printf(&text, "c%d%s", i, i < 199 ? "," : "\n");
	f = read_file(buf_str(&text), text.len, true);
	ok(f.rc == -1 && strstr(rows_text(&f), "line 251: the file has more than 50000 cells"),
	    "too many cells in all refuse the file, with the line");
	file_done(&f);
	buf_free(&text);

	/* terms, and the size of a row */
	buf_init(&text, 8 << 20);
	(void)buf_puts(&text, "title,related_terms\nA,\"");
	for (int i = 0; i < 5000; i++)
		(void)buf_puts(&text, "a,");
	(void)buf_puts(&text, "\"\n");
	f = read_file(buf_str(&text), text.len, false);
	ok(f.rc == 0 && strlen(f.rows->row[0].payload) < 200,
	    "one term more than a pin may have is kept of any number");
	file_done(&f);
	buf_free(&text);
	buf_init(&text, 8 << 20);
	(void)buf_puts(&text, "title,description,alt_text\n");
	for (int cell = 0; cell < 2; cell++) {
		(void)buf_puts(&text, cell == 0 ? "A," : ",");
		for (int i = 0; i < 6000; i++)
			(void)buf_putc(&text, '\x01');
	}
	f = read_file(buf_str(&text), text.len, false);
	is_str(rows_text(&f), "2 ! The row has more than 65536 bytes.",
	    "a row that is too large when stored is refused alone");
	file_done(&f);
	buf_free(&text);
}

static void
test_json_bounds(void)
{
	struct file f = { .mem = arena_new() };
	struct buf text;

	buf_init(&text, 8 << 20);
	(void)buf_puts(&text, " [ {\"title\":\"A\"} ,\n{\"title\":[");
	for (int i = 0; i < 2000; i++)
		(void)buf_printf(&text, "{}%s", i < 1999 ? "," : "");
	(void)buf_puts(&text, "]},{\"title\":\"");
	for (int i = 0; i < 70000; i++)
		(void)buf_putc(&text, 'x');
	(void)buf_puts(&text, "\"},{\"a]}\\\"\":[1,{}],\"title\":\"B, [\\\\\"}] ");
	f.rows = arena_alloc(f.mem, sizeof *f.rows);
	f.rc = import_rows_json(f.rows, buf_str(&text), text.len, true, f.mem, &f.why);
	is_str(rows_text(&f),
	    "0 {\"title\":\"A\"}\n0 ! too many values\n0 ! The row has more than 65536 bytes.\n"
	    "0 {\"title\":\"B, [\\\\\"}",
	    "JSON: rows with too many values or bytes are refused alone");
	file_done(&f);
	f = (struct file){ .mem = arena_new() };
	f.rows = arena_alloc(f.mem, sizeof *f.rows);
	f.rows->bytes_max = 20;
	f.rc = import_rows_json(
	    f.rows, "[{\"title\":\"A\"},{\"title\":\"B\"}]", 29, true, f.mem, &f.why);
	ok(f.rc == -1 && strstr(rows_text(&f), "26 bytes when stored; at most 20") != NULL,
	    "and all of them when they are too large together");
	file_done(&f);
	buf_free(&text);
}

/* What a second dialect is chosen by. */
static void
test_dialect(void)
{
	static const char *const other[] = { "Title", "Media URL", "Pinterest board", NULL };
	struct arena *mem = arena_new();
	struct problem why = { 0 };
	struct csv_table *t = csv_table_read(T("Title,media_url,Colour\nA,b,c\n"), mem, &why);

	is_int((int64_t)csv_columns_known(t, other), 2, "columns of another dialect are counted");
	arena_free(mem);
}

int
main(void)
{
	test_read();
	test_refused();
	test_unknown();
	test_json_rows();
	test_times_meant();
	test_many();
	test_size();
	test_bounds();
	test_json_bounds();
	test_dialect();
	test_header_hints();
	return tap_done();
}
