/*
 * Extracts one field of a multipart/form-data body. Every part must end with a delimiter line, so a
 * truncated upload is refused and never mistaken for a shorter file.
 */
#include "config.h"

#include "app/http/multipart.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "lib/arena.h"
#include "lib/text.h"
#include "lib/utf8.h"

#define BOUNDARY_MAX 70
#define HEADER_MAX 4096
#define NAME_MAX_BYTES 255

const char multipart_no_field[] = "there is no such field in the form";

struct multipart_scan {
	const char *at;
	const char *end;
	char delimiter[BOUNDARY_MAX + 5]; /* CRLF, two dashes, boundary */
	size_t delimiter_len;
};

/* The value of a parameter such as name="x" in a header line; NULL when absent. */
static const char *
header_parameter(const char *line, size_t len, const char *name, struct arena *mem)
{
	size_t name_len = strlen(name), n = 0;
	const char *end = line + len, *p = line;
	bool quoted = false;
	char *out;

	for (; p + name_len + 1 < end; p++) {
		if (*p == '"')
			quoted = !quoted;
		if (quoted || (*p != ';' && *p != ' ' && *p != '\t'))
			continue;
		if (strncasecmp(p + 1, name, name_len) == 0 && p[name_len + 1] == '=')
			break;
	}
	if (p + name_len + 1 >= end)
		return NULL;
	p += name_len + 2;
	out = arena_alloc(mem, (size_t)(end - p) + 1);
	quoted = p < end && *p == '"';
	for (p += quoted; p < end; p++) {
		if (quoted ? *p == '"' : (*p == ';' || *p == ' ' || *p == '\t'))
			break;
		/* browsers do not escape backslashes of a path: only \" and \\ are escapes */
		if (quoted && *p == '\\' && p + 1 < end && (p[1] == '"' || p[1] == '\\'))
			p++;
		out[n++] = *p;
	}
	out[n] = '\0';
	return quoted && p >= end ? NULL : out;
}

/* The file name without folders; NULL when nothing usable is left. */
static const char *
file_base_name(const char *name, struct arena *mem)
{
	const char *fault;

	if (name == NULL)
		return NULL;
	for (const char *p = name; *p != '\0'; p++)
		if (*p == '/' || *p == '\\')
			name = p + 1;
	name = text_clean(TEXT_LINE, name, strlen(name), mem, &fault);
	if (name == NULL || *name == '\0')
		return NULL;
	return arena_strndup(mem, name, utf8_cut(name, strlen(name), NAME_MAX_BYTES));
}

/* Reads the part's header lines up to the empty one. NULL, or what is wrong. */
static const char *
part_headers_read(
    struct multipart_scan *s, struct arena *mem, const char **name, const char **filename)
{
	static const char field[] = "content-disposition:";
	const char *start = s->at;

	*name = NULL;
	*filename = NULL;
	for (;;) {
		const char *eol = memmem(s->at, (size_t)(s->end - s->at), "\r\n", 2);
		size_t len;

		if (eol == NULL || eol - start > HEADER_MAX)
			return "a part has no end of its headers";
		len = (size_t)(eol - s->at);
		if (len == 0) {
			s->at = eol + 2;
			return NULL;
		}
		if (memchr(s->at, '\0', len) != NULL)
			return "a part header holds a NUL";
		if (len > sizeof(field) - 1 && strncasecmp(s->at, field, sizeof(field) - 1) == 0) {
			*name = header_parameter(s->at, len, "name", mem);
			*filename =
			    file_base_name(header_parameter(s->at, len, "filename", mem), mem);
		}
		s->at = eol + 2;
	}
}

/* What follows a delimiter: 1 a part, 0 the end of the body, -1 neither. */
static int
delimiter_end(struct multipart_scan *s)
{
	if (s->end - s->at >= 2 && memcmp(s->at, "--", 2) == 0)
		return 0;
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t'))
		s->at++;
	if (s->end - s->at < 2 || memcmp(s->at, "\r\n", 2) != 0)
		return -1;
	s->at += 2;
	return 1;
}

static const char *
delimiter_next(const struct multipart_scan *s)
{
	return memmem(s->at, (size_t)(s->end - s->at), s->delimiter, s->delimiter_len);
}

/* Moves past the next one at the start of a line, if there is one. */
static bool
delimiter_skip(struct multipart_scan *s)
{
	const char *found = delimiter_next(s);

	if (found != NULL)
		s->at = found + s->delimiter_len;
	return found != NULL;
}

/* Moves past the first delimiter, at the start of the body or of a line. */
static bool
delimiter_first(struct multipart_scan *s)
{
	size_t bare = s->delimiter_len - 2;

	if ((size_t)(s->end - s->at) >= bare && memcmp(s->at, s->delimiter + 2, bare) == 0) {
		s->at += bare;
		return true;
	}
	return delimiter_skip(s);
}

static bool
scan_start(struct multipart_scan *s, const char *body, size_t len, const char *boundary)
{
	size_t n = boundary != NULL ? strlen(boundary) : 0;

	if (n == 0 || n > BOUNDARY_MAX)
		return false;
	memcpy(s->delimiter, "\r\n--", 4);
	memcpy(s->delimiter + 4, boundary, n + 1);
	s->delimiter_len = n + 4;
	s->at = body;
	s->end = body + len;
	return true;
}

const char *
multipart_delimiter(const char *body, size_t len, const char *boundary, const char **behind)
{
	size_t boundary_len = strlen(boundary);
	struct multipart_scan s;
	const char *found;

	if (!scan_start(&s, body, len, boundary))
		return NULL;
	for (s.at = *behind; s.at == body ? delimiter_first(&s) : delimiter_skip(&s);) {
		found = s.at - boundary_len;
		*behind = s.at;
		if (delimiter_end(&s) != -1)
			return found;
	}
	return NULL;
}

const char *
multipart_find(const char *body, size_t len, const char *boundary, const char *field,
    struct arena *mem, struct multipart_part *out)
{
	struct multipart_scan s;
	bool found = false;

	memset(out, 0, sizeof(*out));
	if (!scan_start(&s, body, len, boundary))
		return "the content type has no usable boundary";
	if (!delimiter_first(&s))
		return "the boundary does not occur in the body";
	for (unsigned parts = 0; parts <= MULTIPART_MAX_PARTS; parts++) {
		const char *name, *filename, *fault, *close;
		int next = delimiter_end(&s);

		if (next == 0)
			return found ? NULL : multipart_no_field;
		if (next == -1)
			return "a delimiter line is damaged";
		fault = part_headers_read(&s, mem, &name, &filename);
		if (fault != NULL)
			return fault;
		/* in an empty part the CRLF of the blank line also begins the delimiter */
		s.at -= 2;
		close = delimiter_next(&s);
		if (close == NULL)
			return "the body is not complete: a part is not closed";
		if (name != NULL && strcmp(name, field) == 0) {
			if (found)
				return "the field occurs twice: one file at a time";
			found = true;
			out->data = s.at + 2;
			out->len = close > s.at ? (size_t)(close - s.at) - 2 : 0;
			out->filename = filename;
		}
		s.at = close + s.delimiter_len;
	}
	return "the form has too many parts";
}
