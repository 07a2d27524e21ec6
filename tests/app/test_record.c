#include "app/http/record.h"

#include <string.h>

#include "tests/tap.h"

#define BEGIN "\1\1\0\7\0\10\0\0\0\1\0\0\0\0\0\0"
#define PARAMS "\1\4\0\7\0\4\2\0\1\1ABxx"
#define PARAMS_END "\1\4\0\7\0\0\0\0"
#define HEAD BEGIN PARAMS PARAMS_END
#define BYTES(text) (const unsigned char *)(text), sizeof(text) - 1

static void
test_heads(void)
{
	static const struct {
		const unsigned char *bytes;
		size_t len;
		const char *name;
	} bad[] = {
		{ BYTES("\2\1\0\7\0\10\0\0\0\1\0\0\0\0\0\0"), "of another version" },
		{ BYTES(PARAMS), "that does not begin" },
		{ BYTES("\1\1\0\0\0\10\0\0\0\1\0\0\0\0\0\0"), "without an id" },
		{ BYTES("\1\1\0\7\0\11\0\0\0\1\0\0\0\0\0\0\0"), "with a long begin" },
		{ BYTES("\1\11\0\0\0\0\0\0"), "that asks for values" },
		{ BYTES(BEGIN "\1\4\0\10\0\0\0\0"), "with another's parameters" },
		{ BYTES(BEGIN "\1\5\0\7\0\0\0\0"), "whose body comes first" },
		{ BYTES(BEGIN BEGIN), "that begins twice" },
	};
	struct record_body body;
	size_t len = 0, n = sizeof(HEAD) - 1;
	bool more = true;

	for (size_t i = 0; i < n; i++)
		more =
		    more && record_head((const unsigned char *)HEAD, i, &len, &body) == RECORD_MORE;
	ok(more, "every part of a head needs more");
	is_int(record_head(BYTES(HEAD "\1\5"), &len, &body), RECORD_GOOD, "a whole one is good");
	is_int((int)len, (int)n, "and ends before the body");
	is_int((int)body.id, 7, "which has its id");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(record_head(bad[i].bytes, bad[i].len, &len, &body) == RECORD_BAD,
		    "no request: one %s", bad[i].name);
}

/* The pieces of the body, and how it ended. */
static enum record_rc
body_read(const unsigned char *bytes, size_t len, char *text)
{
	struct record_body body = { .id = 7 };
	const unsigned char *piece;
	size_t piece_len, n = 0;
	enum record_rc rc;

	while ((rc = record_piece(&body, &bytes, &len, &piece, &piece_len)) == RECORD_GOOD) {
		memcpy(text + n, piece, piece_len);
		n += piece_len;
	}
	text[n] = '\0';
	return rc;
}

static void
test_bodies(void)
{
	char text[64];

	is_int(body_read(BYTES("\1\5\0\7\0\2\3\0abxxx\1\5\0\7\0\1\0\0c\1\5\0\7\0\0\0\0"), text),
	    RECORD_END, "a body ends with an empty record");
	is_str(text, "abc", "and has the content of the others without their padding");
	is_int(body_read(BYTES("\1\5\0\7\0\0\0\0"), text), RECORD_END, "a body may be empty");
	is_int(body_read(BYTES("\1\5\0\7\0\2\0\0a"), text), RECORD_MORE, "a cut one needs more");
	is_str(text, "a", "and gives what is there");
	is_int(body_read(BYTES("\1\5\0\7\0\1\0\0a"), text), RECORD_MORE,
	    "one without an end is not complete");
	is_int(body_read(BYTES("\1\2\0\7\0\0\0\0"), text), RECORD_BAD, "it may be aborted");
	is_int(body_read(BYTES("\1\5\0\6\0\1\0\0a"), text), RECORD_BAD, "another's is refused");
}

int
main(void)
{
	test_heads();
	test_bodies();
	return tap_done();
}
