#include "lib/num.h"

#include "tests/tap.h"

static const struct {
	const char *text;
	int64_t min, max;
	int rc;
	int64_t want;
} cases[] = {
	{ "0", 0, 0, 0, 0 },
	{ "-0", 0, 0, 0, 0 },
	{ "007", 0, 10, 0, 7 },
	{ "-12", -12, 0, 0, -12 },
	{ "-13", -12, 0, -1, 0 },
	{ "11", 0, 10, -1, 0 },
	{ "10", 0, 10, 0, 10 },
	{ "9223372036854775807", INT64_MIN, INT64_MAX, 0, INT64_MAX },
	{ "-9223372036854775808", INT64_MIN, INT64_MAX, 0, INT64_MIN },
	{ "9223372036854775808", INT64_MIN, INT64_MAX, -1, 0 },
	{ "-9223372036854775809", INT64_MIN, INT64_MAX, -1, 0 },
	{ "92233720368547758070", INT64_MIN, INT64_MAX, -1, 0 },
	{ "99999999999999999999999999", INT64_MIN, INT64_MAX, -1, 0 },
	{ "", INT64_MIN, INT64_MAX, -1, 0 },
	{ "-", INT64_MIN, INT64_MAX, -1, 0 },
	{ "--1", INT64_MIN, INT64_MAX, -1, 0 },
	{ "+1", INT64_MIN, INT64_MAX, -1, 0 },
	{ " 1", INT64_MIN, INT64_MAX, -1, 0 },
	{ "1 ", INT64_MIN, INT64_MAX, -1, 0 },
	{ "1\n", INT64_MIN, INT64_MAX, -1, 0 },
	{ "0x10", INT64_MIN, INT64_MAX, -1, 0 },
	{ "1e3", INT64_MIN, INT64_MAX, -1, 0 },
	{ "1.0", INT64_MIN, INT64_MAX, -1, 0 },
	{ "1:", INT64_MIN, INT64_MAX, -1, 0 },
	{ "1/", INT64_MIN, INT64_MAX, -1, 0 },
	{ "\xd9\xa1", INT64_MIN, INT64_MAX, -1, 0 }, /* ARABIC-INDIC DIGIT ONE */
	{ NULL, INT64_MIN, INT64_MAX, -1, 0 },
};

int
main(void)
{
	int flag = 7;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t got = 4711;
		int rc = num_parse(cases[i].text, cases[i].min, cases[i].max, &got);

		ok(rc == cases[i].rc && got == (rc == 0 ? cases[i].want : 4711), "num_parse %s",
		    cases[i].text ? cases[i].text : "(null)");
	}
	ok(num_parse_bool("true", &flag) == 0 && flag == 1, "\"true\" is parsed");
	ok(num_parse_bool("false", &flag) == 0 && flag == 0, "\"false\" is parsed");
	flag = 7;
	ok(num_parse_bool("yes", &flag) == -1 && num_parse_bool("2", &flag) == -1 &&
		num_parse_bool("01", &flag) == -1 && num_parse_bool("", &flag) == -1 &&
		num_parse_bool("true ", &flag) == -1 && num_parse_bool(NULL, &flag) == -1 &&
		flag == 7,
	    "nothing else is a truth value");
	ok(num_parse_bool("TRUE", &flag) == 0 && flag == 1 && num_parse_bool("False", &flag) == 0 &&
		flag == 0 && num_parse_bool("1", &flag) == 0 && flag == 1 &&
		num_parse_bool("0", &flag) == 0 && flag == 0,
	    "any case, 1 and 0 are");
	return tap_done();
}
