#include "app/http/multipart.h"

#include <stdlib.h>

#include "lib/arena.h"
#include "tests/tap.h"

#define FILE_HEAD "Content-Disposition: form-data; name=\"file\"; filename=\"rows.csv\"\r\n"

struct one {
	const char *name;
	const char *body;
	const char *data;     /* NULL: refused */
	const char *filename; /* NULL: none */
};

static const struct one cases[] = {
	{ "plain", "--B\r\n" FILE_HEAD "Content-Type: text/csv\r\n\r\na,b\r\n1,2\r\n--B--\r\n",
	    "a,b\r\n1,2", "rows.csv" },
	{ "no line end behind the last delimiter", "--B\r\n" FILE_HEAD "\r\nx\r\n--B--", "x",
	    "rows.csv" },
	{ "preamble and epilogue", "hello\r\n--B\r\n" FILE_HEAD "\r\nx\r\n--B--\r\nbye\r\n--B\r\n",
	    "x", "rows.csv" },
	{ "second part",
	    "--B\r\ncontent-disposition: form-data; "
	    "name=other\r\n\r\n1\r\n--B\r\n" FILE_HEAD "\r\nx\r\n--B--",
	    "x", "rows.csv" },
	{ "two parts of the same name",
	    "--B\r\n" FILE_HEAD "\r\n1\r\n--B\r\n" FILE_HEAD "\r\n2\r\n--B--", NULL, NULL },
	{ "empty part", "--B\r\n" FILE_HEAD "\r\n\r\n--B--", "", "rows.csv" },
	{ "blanks behind a delimiter", "--B  \t\r\n" FILE_HEAD "\r\nx\r\n--B--", "x", "rows.csv" },
	{ "unquoted name",
	    "--B\r\nContent-Disposition: "
	    "form-data;name=file;filename=a.csv\r\n\r\nx\r\n--B--",
	    "x", "a.csv" },
	{ "no file name", "--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--B--",
	    "x", NULL },
	{ "a path in the file name",
	    "--B\r\nContent-Disposition: form-data; name=\"file\"; "
	    "filename=\"C:\\dir\\../up.csv\"\r\n\r\nx\r\n--B--",
	    "x", "up.csv" },
	{ "escaped quote",
	    "--B\r\nContent-Disposition: form-data; name=\"file\"; "
	    "filename=\"a\\\"b.csv\"\r\n\r\nx\r\n--B--",
	    "x", "a\"b.csv" },
	{ "name inside another value is not the name",
	    "--B\r\nContent-Disposition: form-data; filename=\"; name=file; x\"; "
	    "name=\"no\"\r\n\r\nx\r\n--B--",
	    NULL, NULL },
	{ "a line that looks like a delimiter is data",
	    "--B\r\n" FILE_HEAD "\r\n--C\r\n -- B\r\n--B--", "--C\r\n -- B", "rows.csv" },
	{ "bad UTF-8 in the file name",
	    "--B\r\nContent-Disposition: form-data; name=\"file\"; "
	    "filename=\"\xff.csv\"\r\n\r\nx\r\n--B--",
	    "x", NULL },
	{ "truncated in the data", "--B\r\n" FILE_HEAD "\r\na,b\r\n1,2", NULL, NULL },
	{ "truncated in the delimiter", "--B\r\n" FILE_HEAD "\r\na,b\r\n--", NULL, NULL },
	{ "not closed after the part", "--B\r\n" FILE_HEAD "\r\na,b\r\n--B\r\n", NULL, NULL },
	{ "truncated behind the delimiter", "--B\r\n" FILE_HEAD "\r\na,b\r\n--B", NULL, NULL },
	{ "truncated in the headers", "--B\r\n" FILE_HEAD, NULL, NULL },
	{ "a part of another name only",
	    "--B\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n--B--", NULL, NULL },
	{ "no part", "--B--\r\n", NULL, NULL },
	{ "nothing", "", NULL, NULL },
	{ "another boundary", "--C\r\n" FILE_HEAD "\r\nx\r\n--C--", NULL, NULL },
	{ "a longer boundary", "--BB\r\n" FILE_HEAD "\r\nx\r\n--BB--", NULL, NULL },
};

static void
test_parts(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct one *o = &cases[i];
		struct arena *mem = arena_new();
		struct multipart_part part;
		const char *fault =
		    multipart_find(o->body, strlen(o->body), "B", "file", mem, &part);

		if (o->data == NULL) {
			ok(fault != NULL, "%s: refused", o->name);
		} else {
			if (ok(fault == NULL, "%s: accepted", o->name))
				is_str(arena_strndup(mem, part.data, part.len), o->data, o->name);
			else
				printf("# %s\n", fault);
			is_str(part.filename, o->filename, "the file name is read");
		}
		arena_free(mem);
	}
}

static void
test_limits(void)
{
	static const char boundary[] =
	    "0123456789012345678901234567890123456789012345678901234567890123456789";
	struct arena *mem = arena_new();
	struct multipart_part part;
	char *body = arena_alloc(mem, 100000);
	size_t n = 0;

	ok(multipart_find("--\r\n", 4, "", "file", mem, &part) != NULL,
	    "an empty boundary is refused");
	ok(multipart_find("--\r\n", 4, NULL, "file", mem, &part) != NULL,
	    "a missing boundary is refused");
	ok(multipart_find("x", 1, arena_printf(mem, "%s1", boundary), "file", mem, &part) != NULL,
	    "a boundary of 71 characters is refused");
	n = (size_t)snprintf(
	    body, 100000, "--%s\r\n" FILE_HEAD "\r\nx\r\n--%s--", boundary, boundary);
	ok(multipart_find(body, n, boundary, "file", mem, &part) == NULL,
	    "a boundary of 70 characters is accepted");
	n = 0;
	for (int i = 0; i < 40; i++)
		n += (size_t)snprintf(body + n, 100000 - n, "--B\r\n" FILE_HEAD "\r\nx\r\n");
	n += (size_t)snprintf(body + n, 100000 - n, "--B--");
	ok(multipart_find(body, n, "B", "file", mem, &part) != NULL, "too many parts are refused");
	n = (size_t)snprintf(body, 100000, "--B\r\nX: ");
	memset(body + n, 'a', 5000);
	n += 5000;
	n += (size_t)snprintf(body + n, 100000 - n, "\r\n" FILE_HEAD "\r\nx\r\n--B--");
	ok(multipart_find(body, n, "B", "file", mem, &part) != NULL, "endless headers are refused");
	arena_free(mem);
}

/* "0,4" for the places of the boundary in its delimiter lines. */
static const char *
delimiters(const char *body, const char *boundary, struct arena *mem)
{
	const char *behind = body, *hit, *all = "";

	while ((hit = multipart_delimiter(body, strlen(body), boundary, &behind)) != NULL)
		all = arena_printf(
		    mem, "%s%s%zu", all, *all != '\0' ? "," : "", (size_t)(hit - body));
	return all;
}

static void
test_delimiters(void)
{
	struct arena *mem = arena_new();

	is_str(delimiters("--a\r\nx\r\n--a--\r\n", "a", mem), "2,10",
	    "delimiters are found at the start of the body and of lines");
	is_str(delimiters("--a\r\naaa--a\r\n a\r\n--ab\r\n--a \t\r\n\r\n--a--", "a", mem),
	    "2,25,34", "and not inside lines, nor where more follows");
	is_str(delimiters("x\r\n--a\r\ny", "a", mem), "5", "a preamble may precede them");
	is_str(delimiters("a", "a", mem), "", "letters of the boundary alone are content");
	is_str(delimiters("", "a", mem), "", "an empty body has none");
	arena_free(mem);
}

int
main(void)
{
	test_delimiters();
	test_parts();
	test_limits();
	return tap_done();
}
