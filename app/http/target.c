/* Parses request target, content type and idempotency key. Pure. */
#include "app/http/target.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "lib/arena.h"
#include "lib/url.h"

/* Content-Type boundaries are at most 70 characters (RFC 2046 5.1.1). */
#define BOUNDARY_MAX 70

/* The path and query of an absolute-form target, or `uri` itself. NULL: neither form. */
static const char *
origin_form(const char *uri)
{
	const char *rest;

	if (uri[0] == '/')
		return uri;
	if (strncasecmp(uri, "http://", 7) == 0)
		rest = uri + 7;
	else if (strncasecmp(uri, "https://", 8) == 0)
		rest = uri + 8;
	else
		return NULL;
	if (*rest == '\0' || *rest == '/')
		return NULL;
	rest += strcspn(rest, "/?#");
	return *rest == '\0' ? "/" : rest;
}

static bool
text_has_control(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	}
	return false;
}

static enum target_rc
path_parse(struct req *r, const char *path, size_t len, struct arena *mem, const char **why)
{
	size_t at = 1, n;

	r->segments = 0;
	if (len <= 1)
		return TARGET_OK;
	while (at <= len) {
		for (n = 0; at + n < len && path[at + n] != '/'; n++)
			;
		if (r->segments == REQ_MAX_SEGMENTS)
			return TARGET_NONE;
		r->segment[r->segments] = url_decode(path + at, n, false, mem);
		if (r->segment[r->segments] == NULL || text_has_control(r->segment[r->segments])) {
			*why = "The path is not encoded correctly.";
			return TARGET_BAD;
		}
		r->segments++;
		at += n + 1;
	}
	return TARGET_OK;
}

static enum target_rc
query_pair_parse(struct req *r, const char *text, size_t len, struct arena *mem, const char **why)
{
	const char *eq = memchr(text, '=', len);
	size_t name_len = eq != NULL ? (size_t)(eq - text) : len;
	struct req_pair *pair;

	if (len == 0)
		return TARGET_OK;
	if (r->query_len == REQ_MAX_QUERY) {
		*why = "There are too many query parameters.";
		return TARGET_BAD;
	}
	pair = &r->query[r->query_len];
	pair->name = url_decode(text, name_len, true, mem);
	pair->value = eq == NULL ? "" : url_decode(eq + 1, len - name_len - 1, true, mem);
	if (pair->name == NULL || pair->value == NULL) {
		*why = "The query is not encoded correctly.";
		return TARGET_BAD;
	}
	r->query_len++;
	return TARGET_OK;
}

static enum target_rc
query_parse(struct req *r, const char *query, struct arena *mem, const char **why)
{
	enum target_rc rc = TARGET_OK;
	size_t n;

	r->query_len = 0;
	while (rc == TARGET_OK && *query != '\0') {
		n = strcspn(query, "&");
		rc = query_pair_parse(r, query, n, mem, why);
		query += n + (query[n] == '&');
	}
	return rc;
}

enum target_rc
target_parse(struct req *r, const char *uri, struct arena *mem, const char **why)
{
	const char *path = origin_form(uri);
	enum target_rc rc;
	size_t path_len;

	*why = "The request target is not a path.";
	if (path == NULL || *path != '/' || strpbrk(uri, " #") != NULL || text_has_control(uri))
		return TARGET_BAD;
	path_len = strcspn(path, "?");
	rc = path_parse(r, path, path_len, mem, why);
	if (rc != TARGET_OK)
		return rc;
	return query_parse(r, path[path_len] == '?' ? path + path_len + 1 : "", mem, why);
}

/* The value that follows "boundary="; NULL: malformed. */
static const char *
boundary_value(const char *s, struct arena *mem)
{
	bool quoted = *s == '"';
	size_t n = quoted ? strcspn(s + 1, "\"") : strcspn(s, "; \t");

	if (n == 0 || n > BOUNDARY_MAX || (quoted && s[n + 1] != '"'))
		return NULL;
	return arena_strndup(mem, quoted ? s + 1 : s, n);
}

const char *
target_content_type(const char *header, struct arena *mem, const char **boundary)
{
	const char *s;
	char *type, *at;

	*boundary = NULL;
	if (header == NULL)
		return "";
	type = arena_strndup(mem, header, strcspn(header, "; \t,"));
	for (at = type; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	for (s = strchr(header, ';'); s != NULL; s = strchr(s, ';')) {
		s++;
		s += strspn(s, " \t");
		if (strncasecmp(s, "boundary=", 9) == 0) {
			*boundary = boundary_value(s + 9, mem);
			break;
		}
	}
	return type;
}

const char *
target_idempotency_key(const char *header, struct arena *mem)
{
	size_t n = strlen(header), i;

	if (n >= 2 && header[0] == '"' && header[n - 1] == '"') {
		header++;
		n -= 2;
	}
	if (n == 0 || n > 255)
		return NULL;
	for (i = 0; i < n; i++) {
		if (header[i] < '!' || header[i] > '~')
			return NULL;
	}
	return arena_strndup(mem, header, n);
}
