/* Tells Pinterest's answers from those of whatever stands in its place. */
#include "config.h"

#include "lib/origin.h"

#include <string.h>
#include <strings.h>

#include "lib/arena.h"
#include "lib/buf.h"

#define ANY (-1)
#define TYPE_MAX 60
#define LOCATION_MAX 120
#define WORDS_MAX 80

/* Pairs that Pinterest sends (its documentation and its users' reports). */
static const struct {
	int status, code;
} known[] = { { 400, 1 }, { 400, 2 }, { 401, 2 }, { 401, 3 }, { 401, 283 }, { 403, 3 }, { 403, 29 },
	{ 403, 233 }, { 403, 235 }, { 404, 40 }, { 404, 50 }, { 404, 2031 }, { 409, 409 },
	{ 429, 8 }, { 429, 9 }, { 503, 4197 }, { ANY, 2787 } };

static bool
is_known(long status, int64_t code)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if ((known[i].status == ANY || known[i].status == status) && known[i].code == code)
			return true;
	return false;
}

/* Can what arrived be the beginning of a JSON object? */
static bool
may_become_object(const struct origin_answer *a)
{
	for (size_t i = 0; i < a->body_len; i++)
		if (strchr(" \t\r\n", a->body[i]) == NULL || a->body[i] == '\0')
			return a->body[i] == '{';
	return true;
}

enum origin
origin_of(const struct origin_answer *a, const struct pinterest_error *e, bool understood)
{
	bool marked = a->request_id != NULL && a->request_id[0] != '\0', own;

	if (a->status >= 300 && a->status < 400)
		return ORIGIN_FOREIGN;
	if (a->status < 300)
		own = marked || understood;
	else
		own = (e->whole && (marked || is_known(a->status, e->code))) ||
		      (marked && (a->status >= 500 || !a->complete));
	if (own)
		return ORIGIN_PINTEREST;
	return !a->complete && may_become_object(a) ? ORIGIN_CUT : ORIGIN_FOREIGN;
}

/* ---- in words ---- */

/* Adds one byte as printable ASCII, with runs of blanks as one. False: there is room for no more.
 */
static bool
add_plain(struct buf *b, size_t start, size_t max, unsigned char c)
{
	if (c >= 0x80 && c < 0xc0)
		return true; /* the rest of a character */
	if (c >= 0x80)
		c = '?';
	if (c <= ' ' || c == 0x7f)
		c = ' ';
	if (c == ' ' && (b->len == start || buf_str(b)[b->len - 1] == ' '))
		return true;
	if (b->len - start >= max)
		return false;
	return buf_putc(b, c == '"' ? '\'' : c == '\\' ? '/' : (char)c) == 0;
}

static void
add_plain_text(struct buf *b, const char *text, const char *until, size_t max)
{
	size_t start = b->len, len = strcspn(text, until);

	for (size_t i = 0; i < len; i++)
		if (!add_plain(b, start, max, (unsigned char)text[i]))
			break;
}

/* The end of the tag at `at`, with the contents of scripts and styles; `end` when it has none. Each
 * byte is looked at once, however many tags are left open. */
static const char *
tag_end(const char *at, const char *end)
{
	static const char *const whole[][2] = { { "<!--", "-->" }, { "<script", "</script" },
		{ "<style", "</style" } };
	const char *p;

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		size_t n = strlen(whole[i][0]), m = strlen(whole[i][1]);

		if ((size_t)(end - at) < n || strncasecmp(at, whole[i][0], n) != 0)
			continue;
		for (p = at + n; (size_t)(end - p) >= m && strncasecmp(p, whole[i][1], m) != 0;)
			p++;
		if ((size_t)(end - p) < m)
			return end;
		at = p;
	}
	p = memchr(at, '>', (size_t)(end - at));
	return p != NULL ? p + 1 : end;
}

static void
add_words(struct buf *b, const struct origin_answer *a)
{
	const char *at = a->body, *end = a->body + a->body_len;
	bool page = a->body_len > 0 &&
		    (*at == '<' || (a->type != NULL && strcasestr(a->type, "html") != NULL));

	while (at < end) {
		unsigned char c = (unsigned char)*at;

		if (page && c == '<') {
			at = tag_end(at, end);
			c = ' ';
		} else {
			at++;
		}
		if (!add_plain(b, 0, WORDS_MAX, c)) {
			buf_puts(b, "...");
			return;
		}
	}
	while (b->len > 0 && buf_str(b)[b->len - 1] == ' ')
		b->data[--b->len] = '\0';
}

const char *
origin_text(const struct origin_answer *a, struct arena *mem)
{
	struct buf b, words;
	const char *out;

	buf_init(&b, ORIGIN_TEXT_MAX);
	buf_init(&words, ORIGIN_TEXT_MAX);
	add_words(&words, a);
	buf_printf(&b, "%ld", a->status);
	if (a->status >= 300 && a->status < 400 && a->location != NULL) {
		buf_puts(&b, " to ");
		add_plain_text(&b, a->location, "?#", LOCATION_MAX); /* a query may hold secrets */
	}
	if (a->type != NULL && a->type[0] != '\0') {
		buf_puts(&b, ", ");
		add_plain_text(&b, a->type, ";", TYPE_MAX);
	}
	if (a->secret)
		buf_printf(&b, ", %zu bytes", a->body_len);
	else if (words.len > 0)
		buf_printf(&b, ": '%s'", buf_str(&words));
	else
		buf_puts(&b, ", no text");
	out = arena_strdup(mem, buf_str(&b));
	buf_free(&b);
	buf_free(&words);
	return out;
}
