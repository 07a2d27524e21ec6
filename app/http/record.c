#include "app/http/record.h"

#define HEADER_LEN 8
#define BEGIN_LEN 8
#define VERSION 1

enum record_type { TYPE_BEGIN = 1, TYPE_PARAMS = 4, TYPE_STDIN = 5 };

struct record_header {
	unsigned version, type, id, content, padding;
};

static struct record_header
header_decode(const unsigned char *p)
{
	return (struct record_header){ .version = p[0],
		.type = p[1],
		.id = (unsigned)p[2] << 8 | p[3],
		.content = (unsigned)p[4] << 8 | p[5],
		.padding = p[6] };
}

/* Does the record continue a head? `id` is 0 before the first one. */
static bool
header_expected(const struct record_header *h, unsigned id)
{
	if (h->version != VERSION || h->id == 0)
		return false;
	return id == 0 ? h->type == TYPE_BEGIN && h->content == BEGIN_LEN
		       : h->type == TYPE_PARAMS && h->id == id;
}

enum record_rc
record_head(const unsigned char *bytes, size_t len, size_t *head_len, struct record_body *body)
{
	size_t at = 0, whole;
	struct record_header h;

	*body = (struct record_body){ 0 };
	while (len - at >= HEADER_LEN) {
		h = header_decode(bytes + at);
		if (!header_expected(&h, body->id))
			return RECORD_BAD;
		whole = (size_t)HEADER_LEN + h.content + h.padding;
		if (len - at < whole)
			return RECORD_MORE;
		at += whole;
		if (body->id != 0 && h.content == 0) {
			*head_len = at;
			return RECORD_GOOD;
		}
		body->id = h.id;
	}
	return RECORD_MORE;
}

static unsigned
bytes_take(unsigned wanted, const unsigned char **at, size_t *len)
{
	unsigned n = *len < wanted ? (unsigned)*len : wanted;

	*at += n;
	*len -= n;
	return n;
}

enum record_rc
record_piece(struct record_body *body, const unsigned char **at, size_t *len,
    const unsigned char **piece, size_t *piece_len)
{
	struct record_header h;

	while (!body->ended) {
		if (body->content > 0 && *len > 0) {
			*piece = *at;
			*piece_len = bytes_take(body->content, at, len);
			body->content -= (unsigned)*piece_len;
			return RECORD_GOOD;
		}
		if (body->content == 0)
			body->padding -= bytes_take(body->padding, at, len);
		if (body->content > 0 || body->padding > 0 || *len < HEADER_LEN)
			return RECORD_MORE;
		h = header_decode(*at);
		(void)bytes_take(HEADER_LEN, at, len);
		if (h.version != VERSION || h.type != TYPE_STDIN || h.id != body->id)
			return RECORD_BAD;
		body->content = h.content;
		body->padding = h.padding;
		body->ended = h.content == 0;
	}
	return RECORD_END;
}
