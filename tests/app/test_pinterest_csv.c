/* Pinterest's bulk-upload CSV: what each row becomes, and that what is written is read again. */
#include "app/api/pinterest_csv.h"

#include <stdlib.h>
#include <string.h>

#include "app/api/csv_table.h"
#include "app/api/import_rows.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/problem.h"
#include "lib/rfc3339.h"
#include "lib/zone.h"
#include "tests/tap.h"

#define HEADER "Title,Media URL,Pinterest board,Thumbnail,Description,Link,Publish date,Keywords\n"
#define ACCOUNT "01a20755-0000-7000-8000-000000000001"

static const struct pinterest_csv_board boards[] = { { "11", "Reading nooks" }, { "12", "Garden" },
	{ "13", "Twins" }, { "14", "Twins" }, { "15", "Gardens of \xc3\x96sterreich" },
	{ "16", "A/B" } };

struct reading {
	struct arena *mem;
	struct zone *zone;
	struct import_rows *rows;
	struct problem why;
	int rc;
};

static struct reading
read_text(const char *text, const char *zone, const char *key)
{
	const char *fault = NULL;
	struct reading r = { .mem = arena_new(),
		.zone = zone != NULL ? zone_load(ZONE_DIRECTORY, zone, &fault) : NULL };
	const struct pinterest_csv_import in = { .account_id = ACCOUNT,
		.key = key,
		.zone = r.zone,
		.zone_name = zone,
		.ignore = zone == NULL,
		.boards = boards,
		.boards_len = sizeof(boards) / sizeof(boards[0]) };
	struct csv_table *t = csv_table_read(text, strlen(text), r.mem, &r.why);

	r.rows = arena_alloc(r.mem, sizeof(*r.rows));
	r.rc = t != NULL ? pinterest_csv_read(r.rows, t, &in, r.mem, &r.why) : -1;
	return r;
}

static void
reading_done(struct reading *r)
{
	json_object_put(r->rows->warnings);
	zone_free(r->zone);
	arena_free(r->mem);
}

static const char *
field(const struct reading *r, const char *name)
{
	struct json_object *row = json_tokener_parse(r->rows->row[0].payload), *v = NULL;
	const char *text = "absent";

	if (json_object_object_get_ex(row, name, &v))
		text = arena_strdup(r->mem, json_object_get_string(v));
	json_object_put(row);
	return text;
}

static void
test_row(void)
{
	struct reading r = read_text(HEADER
	    "Nook,https://x.example/a.jpg,Reading nooks,,\"Warm, soft\",https://s.example/,"
	    "2027-03-10T14:30:00,\"reading nook, cozy home,\"\n",
	    "Europe/Vienna", NULL);

	is_int(r.rc, 0, "a file is read");
	ok(r.rows->row[0].refused_code == NULL, "its row is good");
	is_str(field(&r, "account_id"), ACCOUNT, "the account is the form's");
	is_str(field(&r, "title"), "Nook", "title");
	is_str(field(&r, "image_url"), "https://x.example/a.jpg", "media");
	is_str(field(&r, "board_id"), "11", "the board by its name");
	is_str(field(&r, "description"), "Warm, soft", "description");
	is_str(field(&r, "link_url"), "https://s.example/", "link");
	is_str(field(&r, "run_at"), "2027-03-10T13:30:00Z", "the date in the zone");
	is_str(field(&r, "related_terms"), "[ \"reading nook\", \"cozy home\" ]",
	    "keywords are terms");
	ok(strncmp(field(&r, "idempotency_key"), "pinterest-csv-", 14) == 0, "a key of its own");
	reading_done(&r);
}

/* The same row again is the same pin; a changed one is not. */
static void
test_keys(void)
{
	const char *row = HEADER "A,https://x/a.jpg,Garden,,,,,\n";
	struct reading a = read_text(row, "UTC", NULL), b = read_text(row, "UTC", NULL);
	struct reading other = read_text(HEADER "B,https://x/a.jpg,Garden,,,,,\n", "UTC", NULL);
	struct reading named = read_text(row, "UTC", "spring");

	is_str(
	    field(&a, "idempotency_key"), field(&b, "idempotency_key"), "equal rows, equal keys");
	ok(strcmp(field(&a, "idempotency_key"), field(&other, "idempotency_key")) != 0,
	    "other rows, other keys");
	is_str(field(&named, "idempotency_key"), "spring-1", "a key that is given gets the row");
	is_str(field(&a, "run_at"), "absent", "no date: now");
	reading_done(&a);
	reading_done(&b);
	reading_done(&other);
	reading_done(&named);
}

static const struct {
	const char *row, *column, *says;
} wrong[] = {
	{ "A,https://x/a.jpg,Gardn,,,,,", "Pinterest board", "the nearest: \"Garden\"" },
	{ "A,https://x/a.jpg,,,,,,", "Pinterest board", "is required" },
	{ "A,https://x/a.jpg,Twins,,,,,", "Pinterest board", "2 boards" },
	{ "A,https://x/a.jpg,Garden/Roses,,,,,", "Pinterest board", "sections are not supported" },
	{ "A,https://x/a.jpg,Garden,0:05,,,,", "Thumbnail", "videos" },
	{ "A,https://x/a.jpg,Garden,,,,10/03/2027 14:30,", "Publish date", "2027-03-10T14:30:00" },
	{ "A,https://x/a.jpg,Garden,,,,2027-02-30T14:30:00,", "Publish date", "must look like" },
	{ "A,https://x/a.jpg,Gardn,0:05,,,soon,", "Pinterest board",
	    "Publish date: must look like" },
	{ "A,https://x/a.jpg,Gardn,0:05,,,soon,", "Pinterest board", "Thumbnail: must be empty" },
	{ "A,https://x/a.jpg", "", "" },
};

static void
test_wrong_rows(void)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct reading r;
		const struct import_row *row;
		struct arena *mem = arena_new();

		r = read_text(arena_printf(mem, HEADER "%s\n", wrong[i].row), "UTC", NULL);
		row = &r.rows->row[0];
		is_int(r.rc, 0, "a file with a wrong row is read");
		is_str(row->refused_field, wrong[i].column, wrong[i].row);
		ok(row->refused_message != NULL &&
			strstr(row->refused_message, wrong[i].says) != NULL,
		    "it is told why");
		reading_done(&r);
		arena_free(mem);
	}
}

/* Each row may name another board, and an account may have thousands. */
static void
test_many_unknown(void)
{
	enum { BOARDS = 1000, ROWS = 150 };
	struct arena *mem = arena_new();
	struct pinterest_csv_board *many = arena_alloc(mem, BOARDS * sizeof(*many));
	struct import_rows *rows = arena_alloc(mem, sizeof(*rows));
	const struct pinterest_csv_import in = {
		.account_id = ACCOUNT, .zone_name = "UTC", .boards = many, .boards_len = BOARDS
	};
	struct problem why = { 0 };
	const char *text = HEADER;

	for (int i = 0; i < BOARDS; i++)
		many[i] = (struct pinterest_csv_board){ "1", arena_printf(mem, "Board %d", i) };
	for (int i = 0; i < ROWS; i++)
		text = arena_printf(mem, "%sA,https://x/a.jpg,Bord %d,,,,,\n", text, i);
	is_int(
	    pinterest_csv_read(rows, csv_table_read(text, strlen(text), mem, &why), &in, mem, &why),
	    0, "many unknown boards are read");
	ok(strstr(rows->row[0].refused_message, "the nearest") != NULL, "the first get a hint");
	is_str(rows->row[ROWS - 1].refused_message, "the account has no board \"Bord 149\"",
	    "the last are refused without");
	arena_free(mem);
}

static void
test_names(void)
{
	struct reading r = read_text(HEADER "A,https://x/a.jpg,garden,,,,,\n", "UTC", NULL);

	is_str(field(&r, "board_id"), "12", "a name is found in another case");
	reading_done(&r);
	r = read_text(HEADER "A,https://x/a.jpg,A/B,,,,,\n", "UTC", NULL);
	is_str(field(&r, "board_id"), "16", "a slash may belong to the name");
	reading_done(&r);
	r = read_text("title;media url;PINTEREST BOARD\nA;https://x/a.jpg;Garden\n", "UTC", NULL);
	is_int(r.rc, 0, "column names in any case, in any order, without the optional ones");
	is_str(field(&r, "board_id"), "12", "such a row is read");
	reading_done(&r);
	r = read_text("Title,Pinterest board,Keywords\nA,Garden,x\n", "UTC", NULL);
	is_int(r.rc, -1, "a file without media is refused");
	is_str(r.why.errors[0].path, "Media URL", "and the column named");
	reading_done(&r);
	r = read_text(
	    "Title,Media URL,Pinterest board,Price\nA,https://x/a,Garden,1\n", "UTC", NULL);
	is_int(r.rc, -1, "a column that is not Pinterest's is refused");
	reading_done(&r);
}

static const struct {
	const char *zone, *date, *run_at, *warning;
} dates[] = {
	{ "Europe/Vienna", "2027-03-28T02:30:00", "2027-03-28T01:30:00Z", "local_time_skipped" },
	{ "Europe/Vienna", "2027-10-31T02:30:00", "2027-10-31T00:30:00Z", "local_time_twice" },
	{ "America/New_York", "2027-07-01T09:00:00", "2027-07-01T13:00:00Z", NULL },
	{ "America/New_York", "2027-07-01T09:00:00+02:00", "2027-07-01T07:00:00Z", NULL },
	{ "UTC", "2027-07-01T09:00:00", "2027-07-01T09:00:00Z", NULL },
};

static void
test_dates(void)
{
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		struct arena *mem = arena_new();
		struct reading r = read_text(
		    arena_printf(mem, HEADER "A,https://x/a.jpg,Garden,,,,%s,\n", dates[i].date),
		    dates[i].zone, NULL);
		const char *said =
		    r.rows->warnings != NULL ? json_object_get_string(r.rows->warnings) : "";

		is_str(field(&r, "run_at"), dates[i].run_at, dates[i].date);
		ok(dates[i].warning != NULL ? strstr(said, dates[i].warning) != NULL
					    : *said == '\0',
		    "a time that clocks skip or repeat is a warning");
		reading_done(&r);
		arena_free(mem);
	}
}

static void
test_round_trip(void)
{
	const char *fault = NULL;
	struct arena *mem = arena_new();
	struct zone *z = zone_load(ZONE_DIRECTORY, "Europe/Vienna", &fault);
	struct pinterest_csv_row row = { .title = "He said \"hi\", twice",
		.media = "https://x.example/a,b.jpg",
		.board = "Garden",
		.description = "Line\nbreak; and = signs",
		.terms = "[\"a\",\"b c\"]" };
	struct reading r;
	struct buf file;

	ok(rfc3339_fault("2027-07-15T10:00:00.5Z", &row.run_at_us) == NULL, "a time");
	buf_init(&file, 10000);
	pinterest_csv_header(&file);
	pinterest_csv_write(&file, &row, z, mem);
	r = read_text(buf_str(&file), "Europe/Vienna", NULL);
	is_int(r.rc, 0, "what is written is read again");
	is_str(field(&r, "title"), row.title, "title");
	is_str(field(&r, "image_url"), row.media, "media");
	is_str(field(&r, "description"), row.description, "description");
	is_str(field(&r, "link_url"), "absent", "an absent link");
	is_str(field(&r, "run_at"), "2027-07-15T10:00:00Z", "the date, in seconds");
	is_str(field(&r, "related_terms"), "[ \"a\", \"b c\" ]", "the terms");
	ok(strstr(buf_str(&file), "2027-07-15T12:00:00\"") != NULL, "times are the zone's");
	reading_done(&r);
	buf_free(&file);
	zone_free(z);
	arena_free(mem);
}

/* `zone` NULL stands for unknown=ignore, too. */
static void
test_ignored(void)
{
	struct reading r = read_text(
	    "Title,Media URL,Pinterest board,Price,Date\nA,https://x/a,Garden,1,\nB,https://x/a,"
	    "Garden,1,2027-03-10 14:30\n",
	    NULL, NULL);

	is_int(r.rc, 0, "columns that are not Pinterest's can be ignored");
	ok(r.rows->warnings != NULL &&
		strstr(json_object_get_string(r.rows->warnings), "Price") != NULL,
	    "and are named");
	ok(r.rows->row[0].refused_code == NULL, "such a row is good");
	is_str(r.rows->row[1].refused_field, "Date", "but not one whose time is in such a column");
	reading_done(&r);
	r = read_text(HEADER "A,https://x/a,Garden,,,,2027-03-10T14:30:00Z,\n"
			     "B,https://x/a,Garden,,,,2027-03-10T14:30:00,\n",
	    NULL, NULL);
	is_str(field(&r, "run_at"), "2027-03-10T14:30:00Z", "an offset needs no zone");
	is_str(r.rows->row[1].refused_field, "Publish date", "no offset needs one");
	reading_done(&r);
}

int
main(void)
{
	test_ignored();
	test_row();
	test_keys();
	test_wrong_rows();
	test_names();
	test_many_unknown();
	test_dates();
	test_round_trip();
	return tap_done();
}
