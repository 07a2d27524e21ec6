/* The response headers that verdicts use: names in any case, of the last status line only, no
 * invalid values. */
#include "worker/http/headers.h"

#include "tests/tap.h"

static void
line(struct headers *h, const char *text)
{
	headers_line(h, text, strlen(text));
}

int
main(void)
{
	struct headers h = { 0 };
	struct outcome o = { 0 };
	char longer[2100];

	memset(longer, 'x', sizeof(longer));
	memcpy(longer, "retry-after:", 12);
	line(&h, "HTTP/1.1 103 Early Hints\r\n");
	line(&h, "X-RateLimit-Reset: 99\r\n");
	line(&h, "HTTP/1.1 429 Too Many Requests\r\n");
	line(&h, "X-RateLimit-Limit: 100, 100;w=1\r\n");
	line(&h, "x-ratelimit-remaining:0\r\n");
	line(&h, "DATE: \t Tue, 15 Nov 1994 08:12:31 GMT \r\n");
	line(&h, "x-pinterest-rids: no\r\n");
	line(&h, "x-pinterest-rid: 123\r\n");
	headers_line(&h, longer, sizeof(longer));
	headers_lend(&h, &o);
	is_str(o.ratelimit_reset, NULL, "a header of an earlier status line is forgotten");
	is_str(o.ratelimit_limit, "100, 100;w=1", "header names match in any case");
	is_str(o.ratelimit_remaining, "0", "no blank is needed after the colon");
	is_str(o.date, "Tue, 15 Nov 1994 08:12:31 GMT", "blanks around a value are removed");
	is_str(o.request_id, "123", "header names match as a whole");
	is_str(o.retry_after, NULL, "an overlong value is ignored");
	headers_line(&h, "retry-after: 1\0002\r\n", 19);
	headers_lend(&h, &o);
	is_str(o.retry_after, NULL, "a value with a NUL is ignored");
	line(&h, "Retry-After: 7");
	line(&h, "Retry-After: 8\r\n");
	headers_lend(&h, &o);
	is_str(o.retry_after, "8", "the last header of a name counts");
	headers_free(&h);
	return tap_done();
}
