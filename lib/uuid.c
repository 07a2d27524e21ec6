/* UUIDv7 keys sort by creation time, so new rows go to the end of the index. */
#include "lib/uuid.h"

#include <stddef.h>
#include <string.h>

#include "lib/crypto.h"

struct uuid
uuid_v7(int64_t now_us)
{
	uint64_t ms = (uint64_t)now_us / 1000, fraction = (uint64_t)now_us % 1000 * 4096 / 1000;
	struct uuid u;

	crypto_random(u.b + 8, 8);
	for (unsigned i = 0; i < 6; i++)
		u.b[i] = (unsigned char)(ms >> (40 - 8 * i));
	u.b[6] = (unsigned char)(0x70 | fraction >> 8);
	u.b[7] = (unsigned char)fraction;
	u.b[8] = (unsigned char)(0x80 | (u.b[8] & 0x3f));
	return u;
}

struct uuid
uuid_project_shown(const struct uuid *id)
{
	struct uuid shown = *id;

	memset(shown.b + 13, 0, 3);
	return shown;
}

struct uuid
uuid_project(int64_t now_us)
{
	const struct uuid id = uuid_v7(now_us);

	return uuid_project_shown(&id);
}

struct uuid
uuid_project_next(const struct uuid *id)
{
	struct uuid next = *id;

	for (int i = 15; i >= 13 && ++next.b[i] == 0;)
		i--;
	return next;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
uuid_parse(const char *text, struct uuid *out)
{
	struct uuid u;
	size_t at = 0;

	if (text == NULL)
		return -1;
	for (size_t i = 0; i < sizeof u.b; i++) {
		int high, low;

		if ((i == 4 || i == 6 || i == 8 || i == 10) && text[at++] != '-')
			return -1;
		high = hex_digit(text[at]);
		if (high == -1)
			return -1;
		low = hex_digit(text[at + 1]);
		if (low == -1)
			return -1;
		u.b[i] = (unsigned char)(high << 4 | low);
		at += 2;
	}
	if (text[at] != '\0')
		return -1;
	*out = u;
	return 0;
}

char *
uuid_format(const struct uuid *u, char out[UUID_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	char *p = out;

	for (size_t i = 0; i < sizeof u->b; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = digits[u->b[i] >> 4];
		*p++ = digits[u->b[i] & 15];
	}
	*p = '\0';
	return out;
}

bool
uuid_equal(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

bool
uuid_is_nil(const struct uuid *u)
{
	static const struct uuid nil;

	return uuid_equal(u, &nil);
}

/* FNV-1a, folded because its low bits depend on low bits only. Stored in rows: must not change. */
static uint64_t
uuid_folded(const struct uuid *u)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < sizeof u->b; i++) {
		h ^= u->b[i];
		h *= 0x100000001b3u;
	}
	return h ^ h >> 32;
}

unsigned
uuid_shard(const struct uuid *u)
{
	return (unsigned)(uuid_folded(u) % SHARD_COUNT);
}

unsigned
uuid_place(const struct uuid *u, unsigned places)
{
	return (unsigned)((uuid_folded(u) >> 8) % places);
}

char *
uuid_format_project(const struct uuid *id, char out[UUID_TEXT_SIZE])
{
	const struct uuid shown = uuid_project_shown(id);

	return uuid_format(&shown, out);
}
