#include "app/api/csv_rows.h"

#include <stdlib.h>

#include "lib/arena.h"
#include "lib/json.h"
#include "lib/problem.h"
#include "tests/tap.h"

struct one {
	const char *name;
	const char *text;
	const char *rows; /* NULL: refused */
	const char *path; /* refused: the first wrong field */
};

static void
test_files(void)
{
	static const struct one cases[] = {
		{ "one row", "title,board_id\nHello,7\n",
		    "[{\"title\":\"Hello\",\"board_id\":\"7\"}]", NULL },
		{ "CRLF, no end of line at the end", "title\r\nA\r\nB",
		    "[{\"title\":\"A\"},{\"title\":\"B\"}]", NULL },
		{ "byte order mark", "\xef\xbb\xbftitle\nA\n", "[{\"title\":\"A\"}]", NULL },
		{ "quotes, line end and comma inside",
		    "title,description\n\"a \"\"b\"\"\",\"x,\ny\"\n",
		    "[{\"title\":\"a \\\"b\\\"\",\"description\":\"x,\\ny\"}]", NULL },
		{ "blank lines", "\ntitle\n\nA\n\n,\n", "[{\"title\":\"A\"}]", NULL },
		{ "empty cells are absent", "title,link_url,alt_text\nA,,b\n",
		    "[{\"title\":\"A\",\"alt_text\":\"b\"}]", NULL },
		{ "short row", "title,board_id\nA\n", "[{\"title\":\"A\"}]", NULL },
		{ "a cell too many", "title\nA,B\n", "[{\"title\":\"A\",\"column_2\":\"B\"}]",
		    NULL },
		{ "terms", "related_terms\n\"a, b|c,,|\"\n",
		    "[{\"related_terms\":[\"a\",\"b\",\"c\"]}]", NULL },
		{ "names may be padded", " title , board_id\nA,1\n",
		    "[{\"title\":\"A\",\"board_id\":\"1\"}]", NULL },
		{ "UTF-8", "title\n\xc3\xa9\n", "[{\"title\":\"\xc3\xa9\"}]", NULL },
		{ "unknown column", "title,colour\nA,b\n", NULL, "colour" },
		{ "name in other letters", "Title\nA\n", NULL, "Title" },
		{ "column twice", "title,title\nA,b\n", NULL, "title" },
		{ "column without a name", "title,,board_id\nA,b,c\n", NULL, "(empty)" },
		{ "header only", "title\n", NULL, "" },
		{ "empty", "", NULL, "" },
		{ "blank", "\n\n", NULL, "" },
		{ "open quote", "title\n\"A\n", NULL, "" },
		{ "text behind a quote", "title\n\"A\"b\n", NULL, "" },
		{ "Latin-1", "title\n\xe9\n", NULL, "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct one *o = &cases[i];
		struct arena *mem = arena_new();
		struct problem why = { 0 };
		struct json_object *rows = csv_rows_parse(o->text, strlen(o->text), mem, &why);

		if (o->rows == NULL) {
			ok(rows == NULL && why.status == 422, "%s: refused", o->name);
			is_str(why.errors_len > 0 ? why.errors[0].path : NULL, o->path,
			    "the refusal names the column");
		} else {
			is_str(
			    rows != NULL ? json_dump(rows, NULL) : why.message, o->rows, o->name);
		}
		json_object_put(rows);
		arena_free(mem);
	}
}

static void
test_size(void)
{
	char text[8000] = "title\n";
	struct arena *mem = arena_new();
	struct problem why = { 0 };
	struct json_object *rows;
	size_t n = strlen(text);

	for (int i = 0; i < CSV_ROWS_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "t%d\n", i);
	rows = csv_rows_parse(text, n, mem, &why);
	is_int(rows != NULL ? (int64_t)json_object_array_length(rows) : -1, CSV_ROWS_MAX,
	    "500 rows are accepted");
	json_object_put(rows);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "one more\n");
	rows = csv_rows_parse(text, n, mem, &why);
	ok(rows == NULL && why.status == 422, "501 rows are refused");
	json_object_put(rows);
	why = (struct problem){ 0 };
	rows = csv_rows_parse("title\nA\0B\n", 10, mem, &why);
	ok(rows == NULL && why.status == 422, "a NUL byte is refused");
	json_object_put(rows);
	arena_free(mem);
}

int
main(void)
{
	test_files();
	test_size();
	return tap_done();
}
