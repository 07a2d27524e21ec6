/* The scanner refuses dangerous input that json-c alone accepts, and nothing else. */
#include "lib/json_scan.h"

#include <stdlib.h>

#include "lib/buf.h"
#include "lib/json.h"
#include "tests/tap.h"

static const struct json_limits usual = { .max_depth = 16, .max_values = 10000 };

#define TEXT(s) s, sizeof(s) - 1

static const struct {
	const char *name;
	const char *text;
	size_t len;
	const char *reason; /* NULL: accepted */
	size_t offset;
} cases[] = {
	{ "empty object", TEXT("{}"), NULL, 0 },
	{ "empty array", TEXT("[]"), NULL, 0 },
	{ "blanks all over", TEXT(" \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : { } } \n"), NULL, 0 },
	{ "every kind of value", TEXT("[null,true,false,\"x\",0,-0,10,1.5,1e5,1E+2,1.0e-3,{},[]]"),
	    NULL, 0 },
	{ "plain escapes", TEXT("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"]"), NULL, 0 },
	{ "surrogate pair", TEXT("[\"\\ud83d\\ude00\"]"), NULL, 0 },
	{ "UTF-8 of 2, 3, 4 bytes", TEXT("[\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"]"), NULL, 0 },
	{ "last code point", TEXT("[\"\xF4\x8F\xBF\xBF\"]"), NULL, 0 },
	{ "DEL is not a control character here", TEXT("[\"\x7F\"]"), NULL, 0 },
	{ "largest integers", TEXT("[9223372036854775807,-9223372036854775808]"), NULL, 0 },
	{ "number of 32 characters", TEXT("[0.000000000000000000000000000001]"), NULL, 0 },
	{ "same key in two objects", TEXT("[{\"a\":{\"a\":1}},{\"a\":1}]"), NULL, 0 },
	{ "key of an inner object again", TEXT("{\"a\":{\"x\":1},\"x\":2}"), NULL, 0 },
	{ "keys that differ in case", TEXT("{\"a\":1,\"A\":2}"), NULL, 0 },
	{ "empty key", TEXT("{\"\":1}"), NULL, 0 },
	{ "duplicate key", TEXT("{\"a\":1,\"b\":2,\"a\":3}"), "duplicate key", 16 },
	{ "duplicate by escape", TEXT("{\"a\":1,\"\\u0061\":3}"), "duplicate key", 15 },
	{ "duplicate after an object", TEXT("{\"a\":{\"x\":1},\"a\":3}"), "duplicate key", 16 },
	{ "duplicate pair and UTF-8", TEXT("{\"\\ud83d\\ude00\":1,\"\xF0\x9F\x98\x80\":2}"),
	    "duplicate key", 24 },
	{ "single quotes", TEXT("{'a':1}"), "single quotes are no JSON; double quotes are", 1 },
	{ "single quotes of a value", TEXT("['a']"), "single quotes are no JSON; double quotes are",
	    1 },
	{ "NaN", TEXT("[NaN]"), "NaN is no JSON; null is", 1 },
	{ "nan", TEXT("[nan]"), "NaN is no JSON; null is", 1 },
	{ "Infinity", TEXT("[Infinity]"), "Infinity is no JSON; null is", 1 },
	{ "-Infinity", TEXT("[-Infinity]"), "Infinity is no JSON; null is", 1 },
	{ "True", TEXT("[True]"), "True is no JSON; true is", 1 },
	{ "raw line end in a string", TEXT("[\"a\nb\"]"), "control character in a string", 3 },
	{ "raw tab in a key", TEXT("{\"a\tb\":1}"), "control character in a string", 3 },
	{ "raw NUL in a string", TEXT("[\"a\0b\"]"), "control character in a string", 3 },
	{ "raw NUL outside", TEXT("[1\0]"), "',' or a closing bracket was expected", 2 },
	{ "NUL after the value", TEXT("[1]\0"), "text after the value", 3 },
	{ "[1.]", TEXT("[1.]"), "malformed number", 1 },
	{ "[.5]", TEXT("[.5]"), "a value was expected", 1 },
	{ "[+1]", TEXT("[+1]"), "a value was expected", 1 },
	{ "[01]", TEXT("[01]"), "malformed number", 1 },
	{ "[-]", TEXT("[-]"), "malformed number", 1 },
	{ "[1e]", TEXT("[1e]"), "malformed number", 1 },
	{ "[0x10]", TEXT("[0x10]"), "',' or a closing bracket was expected", 2 },
	{ "integer past 64 bits", TEXT("[9223372036854775808]"), "number out of range", 1 },
	{ "integer below 64 bits", TEXT("[-9223372036854775809]"), "number out of range", 1 },
	{ "unsigned 64 bits", TEXT("[18446744073709551616]"), "number out of range", 1 },
	{ "1e999", TEXT("[1e999]"), "number out of range", 1 },
	{ "number of 33 characters", TEXT("[0.0000000000000000000000000000001]"), "number too long",
	    1 },
	{ "overlong UTF-8", TEXT("[\"\xC0\xAF\"]"), "invalid UTF-8", 2 },
	{ "overlong of three", TEXT("[\"\xE0\x80\xAF\"]"), "invalid UTF-8", 2 },
	{ "overlong of four", TEXT("[\"\xF0\x80\x80\xAF\"]"), "invalid UTF-8", 2 },
	{ "encoded surrogate", TEXT("[\"\xED\xA0\x80\"]"), "invalid UTF-8", 2 },
	{ "past U+10FFFF", TEXT("[\"\xF4\x90\x80\x80\"]"), "invalid UTF-8", 2 },
	{ "truncated UTF-8", TEXT("[\"\xE2\x82\"]"), "invalid UTF-8", 2 },
	{ "UTF-8 truncated by the end", TEXT("[\"\xE2\x82"), "invalid UTF-8", 2 },
	{ "stray continuation", TEXT("[\"\x80\"]"), "invalid UTF-8", 2 },
	{ "lone high surrogate", TEXT("[\"\\ud800\"]"), "lone surrogate", 2 },
	{ "lone low surrogate", TEXT("[\"\\udc00\"]"), "lone surrogate", 2 },
	{ "high and high", TEXT("[\"\\ud800\\ud800\"]"), "lone surrogate", 2 },
	{ "high at the end", TEXT("[\"\\ud800"), "lone surrogate", 2 },
	{ "NUL in a key", TEXT("{\"a\\u0000b\":1}"), "NUL character", 3 },
	{ "NUL in a value", TEXT("[\"a\\u0000b\"]"), "NUL character", 3 },
	{ "bad \\u", TEXT("[\"\\u12G4\"]"), "bad \\u escape", 2 },
	{ "short \\u", TEXT("[\"\\u12"), "bad \\u escape", 2 },
	{ "unknown escape", TEXT("[\"\\x41\"]"), "unknown escape", 2 },
	{ "backslash at the end", TEXT("[\"\\"), "unfinished string", 2 },
	{ "top-level text", TEXT("\"a\""), "an object or an array was expected", 0 },
	{ "top-level number", TEXT("12"), "an object or an array was expected", 0 },
	{ "top-level null", TEXT("null"), "an object or an array was expected", 0 },
	{ "nothing", TEXT(""), "an object or an array was expected, and there is nothing", 0 },
	{ "blanks only", TEXT("  "), "an object or an array was expected, and there is nothing",
	    2 },
	{ "two values", TEXT("{}{}"), "text after the value", 2 },
	{ "garbage after the value", TEXT("{} x"), "text after the value", 3 },
	{ "comma after the last value", TEXT("[1,]"), "a comma before a closing bracket is no JSON",
	    3 },
	{ "comma after the last member", TEXT("{\"a\":1,}"),
	    "a comma before a closing bracket is no JSON", 7 },
	{ "comment", TEXT("[1/*x*/]"), "comments are no JSON", 2 },
	{ "unquoted key", TEXT("{a:1}"), "a key in double quotes was expected", 1 },
	{ "no colon", TEXT("{\"a\" 1}"), "':' was expected", 5 },
	{ "wrong bracket", TEXT("[1}"), "',' or a closing bracket was expected", 2 },
	{ "open array", TEXT("[1"), "the text ends here, inside an object or array", 2 },
	{ "open object", TEXT("{"), "the text ends here, inside an object or array", 1 },
	{ "open string", TEXT("[\"a"), "unfinished string", 3 },
	{ "byte order mark", TEXT("\xEF\xBB\xBF{}"),
	    "it begins with a byte order mark (BOM); send UTF-8 without it", 0 },
	{ "UTF-16 with its mark", TEXT("\xFF\xFE{\0}\0"), "it is UTF-16; send UTF-8", 0 },
	{ "UTF-16 the other way", TEXT("\xFE\xFF\0{\0}"), "it is UTF-16; send UTF-8", 0 },
	{ "UTF-16 without a mark", TEXT("\0{\0}"), "it is UTF-16; send UTF-8", 0 },
	{ "UTF-16 without a mark, the other way", TEXT("{\0}\0"), "it is UTF-16; send UTF-8", 0 },
	{ "JSON in a text", TEXT("\"{\\\"a\\\":1}\""),
	    "it is a text that holds JSON, encoded twice", 0 },
	{ "an array in a text", TEXT(" \" [1]\""), "it is a text that holds JSON, encoded twice",
	    1 },
	{ "None", TEXT("{\"a\":None}"), "None is no JSON; null is", 5 },
	{ "undefined", TEXT("[undefined]"), "undefined is no JSON; null is", 1 },
	{ "FALSE", TEXT("[FALSE]"), "FALSE is no JSON; false is", 1 },
	{ "a line of comment", TEXT("// x\n{}"), "an object or an array was expected", 0 },
	{ "a comment before a key", TEXT("{//x\n}"), "comments are no JSON", 1 },
	{ "two commas", TEXT("[1,,2]"), "a value was expected", 3 },
	{ "the text ends after a colon", TEXT("{\"a\":"),
	    "the text ends here, inside an object or array", 5 },
	{ "form feed is not white space", TEXT("[\f1]"), "a value was expected", 1 },
};

static void
test_table(void)
{
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct json_fault fault = { 0 };
		/* On the heap and without a trailing NUL, so that ASan detects a read past the end.
		 */
		char *text = malloc(cases[i].len + 1);
		char *exact = realloc(text, cases[i].len > 0 ? cases[i].len : 1);
		int rc;

		memcpy(exact, cases[i].text, cases[i].len);
		rc = json_scan(exact, cases[i].len, &usual, &fault);
		free(exact);
		is_str(fault.reason, cases[i].reason, cases[i].name);
		ok(rc == (cases[i].reason == NULL ? 0 : -1), "%s: accepted or refused as expected",
		    cases[i].name);
		if (cases[i].reason != NULL)
			is_int((int64_t)fault.offset, (int64_t)cases[i].offset, cases[i].name);
	}
}

/* `n` nested arrays. */
static int
scan_nested(unsigned n, const struct json_limits *limits, struct json_fault *fault)
{
	struct buf b;
	unsigned i;
	int rc;

	buf_init(&b, 1000);
	for (i = 0; i < n; i++)
		buf_putc(&b, '[');
	for (i = 0; i < n; i++)
		buf_putc(&b, ']');
	rc = json_scan(buf_str(&b), b.len, limits, fault);
	buf_free(&b);
	return rc;
}

static void
test_depth(void)
{
	const struct json_limits deep = { .max_depth = 1000, .max_values = 10000 };
	struct json_fault fault = { 0 };

	is_int(scan_nested(16, &usual, &fault), 0, "a depth of 16 is accepted");
	is_int(scan_nested(17, &usual, &fault), -1, "a depth of 17 is refused");
	is_str(fault.reason, "nested too deeply", "the depth is reported");
	is_int(scan_nested(64, &deep, &fault), 0, "a depth of 64 is accepted if allowed");
	is_int(scan_nested(65, &deep, &fault), -1, "a depth of 65 is always refused");
}

static void
test_values(void)
{
	const char *text = "{\"a\":[1,2,{}],\"b\":null}"; /* 7 values */
	struct json_fault fault = { 0 };
	struct json_limits limits = { .max_depth = 16, .max_values = 6 };

	is_int(json_scan(text, strlen(text), &limits, &fault), 0,
	    "as many values as allowed are accepted");
	limits.max_values = 5;
	is_int(json_scan(text, strlen(text), &limits, &fault), -1, "one value too many is refused");
	is_str(fault.reason, "too many values", "the number of values is reported");
}

static int
scan_keys(unsigned n, struct json_fault *fault)
{
	struct buf b;
	unsigned i;
	int rc;

	buf_init(&b, 10000);
	buf_puts(&b, "[{");
	for (i = 0; i < n; i++)
		buf_printf(&b, "%s\"k%u\":0", i > 0 ? "," : "", i);
	buf_puts(&b, "},{\"k0\":1}]");
	rc = json_scan(buf_str(&b), b.len, &usual, fault);
	buf_free(&b);
	return rc;
}

static void
test_keys(void)
{
	struct json_fault fault = { 0 };

	is_int(scan_keys(200, &fault), 0, "200 keys in an object are accepted");
	is_int(scan_keys(201, &fault), -1, "201 keys in an object are refused");
	is_str(fault.reason, "too many keys in one object", "the number of keys is reported");
}

static void
test_answer(void)
{
	struct json_fault fault = { 0 };
	const char *cut = "[\"\\ud83d\"]", *nul = "[\"\\u0000\"]", *twice = "{\"a\":1,\"a\":1}";
	struct json_object *o;

	is_int(json_scan_answer(cut, strlen(cut), &usual, &fault), 0,
	    "an answer may contain a truncated emoji");
	is_int(json_scan_answer(nul, strlen(nul), &usual, &fault), -1,
	    "an answer with a NUL is refused");
	is_int(json_scan_answer(twice, strlen(twice), &usual, &fault), -1,
	    "an answer with a duplicate key is refused");
	o = json_parse_answer(cut, strlen(cut), &usual, &fault);
	is_str(json_object_get_string(json_object_array_get_idx(o, 0)), "\xEF\xBF\xBD",
	    "a truncated emoji is read as U+FFFD");
	json_object_put(o);
}

int
main(void)
{
	test_table();
	test_depth();
	test_values();
	test_keys();
	test_answer();
	return tap_done();
}
