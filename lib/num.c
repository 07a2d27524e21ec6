/* Strict conversion of text to a whole number in a range. */
#include "lib/num.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

int
num_parse(const char *text, int64_t min, int64_t max, int64_t *out)
{
	bool negative;
	int64_t n = 0;

	if (text == NULL)
		return -1;
	negative = *text == '-';
	text += negative;
	if (*text == '\0')
		return -1;
	for (; *text != '\0'; text++) {
		int digit = *text - '0';

		if (digit < 0 || digit > 9)
			return -1;
		/* Built by subtraction when negative: INT64_MIN has no positive counterpart. */
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, negative ? -digit : digit, &n))
			return -1;
	}
	if (n < min || n > max)
		return -1;
	*out = n;
	return 0;
}

int
num_parse_bool(const char *text, int *out)
{
	if (text == NULL)
		return -1;
	if (strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0)
		*out = 1;
	else if (strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0)
		*out = 0;
	else
		return -1;
	return 0;
}
