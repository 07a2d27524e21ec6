/* Pinterest's token endpoint and rate limit headers; pure. */
#include "lib/pinterest.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/json.h"
#include "lib/num.h"
#include "lib/rfc3339.h"
#include "lib/scopes.h"
#include "lib/url.h"

#define TOKEN_MAX 4096
#define LIFE_MAX_S (10 * 366 * 86400LL)
#define ACCESS_LIFE_S 2592000 /* documented default */
#define WAIT_MAX_S 86400
#define EPOCH_FROM 1000000000LL

static const struct json_limits token_limits = { .max_depth = 8, .max_values = 200 };

static const char *
member_string(struct json_object *o, const char *name, struct arena *mem)
{
	struct json_object *v = NULL;
	size_t len;

	json_object_object_get_ex(o, name, &v);
	if (!json_object_is_type(v, json_type_string))
		return NULL;
	len = (size_t)json_object_get_string_len(v);
	if (len == 0 || len > TOKEN_MAX || strlen(json_object_get_string(v)) != len)
		return NULL;
	return arena_strdup(mem, json_object_get_string(v));
}

/* Tokens are sent in a header: only printable ASCII without blanks is accepted. */
static const char *
member_token(struct json_object *o, const char *name, struct arena *mem)
{
	const char *text = member_string(o, name, mem), *p;

	for (p = text; p != NULL && *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			return NULL;
	return text;
}

static int64_t
member_seconds(struct json_object *o, const char *name)
{
	struct json_object *v = NULL;
	int64_t n;

	json_object_object_get_ex(o, name, &v);
	if (!json_object_is_type(v, json_type_int))
		return 0;
	n = json_object_get_int64(v);
	if (n <= 0)
		return 0;
	return n < LIFE_MAX_S ? n : LIFE_MAX_S;
}

/* NULL: not sent. A list instead of a text is read, too; anything else grants nothing. */
static const char *
member_scopes(struct json_object *o, struct arena *mem)
{
	struct json_object *v = NULL;
	struct buf list;
	const char *out;

	if (!json_object_object_get_ex(o, "scope", &v) || v == NULL)
		return NULL;
	if (json_object_is_type(v, json_type_string))
		return scopes_list(json_object_get_string(v), mem);
	buf_init(&list, TOKEN_MAX);
	for (size_t i = 0;
	     json_object_is_type(v, json_type_array) && i < json_object_array_length(v); i++) {
		struct json_object *one = json_object_array_get_idx(v, i);

		if (json_object_is_type(one, json_type_string))
			(void)buf_printf(&list, "%s,", json_object_get_string(one));
	}
	out = scopes_list(buf_str(&list), mem);
	buf_free(&list);
	return out;
}

int
pinterest_token_parse(struct pinterest_token *t, const char *body, size_t len, struct arena *mem)
{
	struct json_fault ignored;
	struct json_object *o = json_parse_answer(body, len, &token_limits, &ignored);

	memset(t, 0, sizeof *t);
	if (json_object_is_type(o, json_type_object)) {
		t->access_token = member_token(o, "access_token", mem);
		t->refresh_token = member_token(o, "refresh_token", mem);
		t->scope = member_scopes(o, mem);
		t->expires_in_s = member_seconds(o, "expires_in");
		t->refresh_expires_in_s = member_seconds(o, "refresh_token_expires_in");
		if (t->expires_in_s == 0)
			t->expires_in_s = ACCESS_LIFE_S;
	}
	json_object_put(o);
	return t->access_token != NULL ? 0 : -1;
}

const char *
pinterest_code_form(const char *code, const char *redirect_uri, struct arena *mem)
{
	/* Apps created before 2025-09-25 get the 60-day token only on request. */
	return arena_printf(mem,
	    "grant_type=authorization_code&code=%s&redirect_uri=%s&continuous_refresh=true",
	    url_encode(code, mem), url_encode(redirect_uri, mem));
}

const char *
pinterest_refresh_form(const char *refresh_token, struct arena *mem)
{
	return arena_printf(
	    mem, "grant_type=refresh_token&refresh_token=%s", url_encode(refresh_token, mem));
}

static int64_t
retry_wait(const char *text, int64_t now_us)
{
	int64_t n, at_us;

	if (text == NULL)
		return 0;
	if (num_parse(text, 1, INT64_MAX, &n) == 0) {
		if (n > EPOCH_FROM)
			n -= now_us / US_PER_S;
	} else if (httpdate_parse(text, &at_us) == 0) {
		n = (at_us - now_us + US_PER_S - 1) / US_PER_S;
	} else {
		return 0;
	}
	if (n <= 0)
		return 0;
	return n < WAIT_MAX_S ? n : WAIT_MAX_S;
}

int64_t
pinterest_wait_s(const char *ratelimit_reset, const char *retry_after, int64_t now_us)
{
	int64_t reset = retry_wait(ratelimit_reset, now_us),
		retry = retry_wait(retry_after, now_us);

	return reset > retry ? reset : retry;
}

/* The decimal number at *at (at most nine digits), or -1. Moves *at past it. */
static int64_t
read_number(const char **at)
{
	size_t len = strspn(*at, "0123456789"), i;
	int64_t n = 0;

	if (len == 0 || len > 9)
		return -1;
	for (i = 0; i < len; i++)
		n = n * 10 + ((*at)[i] - '0');
	*at += len;
	return n;
}

int64_t
pinterest_window_s(const char *ratelimit_limit)
{
	const char *at = ratelimit_limit;
	int64_t nearest, quota, seconds, window = 0;

	if (at == NULL)
		return 0;
	at += strspn(at, " ");
	nearest = read_number(&at);
	if (nearest == -1)
		return 0;
	while ((at = strchr(at, ',')) != NULL) {
		at += 1 + strspn(at + 1, " ");
		quota = read_number(&at);
		if (quota == -1 || strncmp(at, ";w=", 3) != 0)
			continue;
		at += 3;
		seconds = read_number(&at);
		/* Two policies with the same quota: the longer window is the safe choice. */
		if (quota == nearest && seconds > window)
			window = seconds;
	}
	return window;
}
