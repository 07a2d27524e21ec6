/* Optimal string alignment: Levenshtein's distance with swaps of neighbours as one step. */
#include "lib/nearest.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "lib/utf8.h"

#define CHARS_MAX 64

struct folded {
	uint32_t c[CHARS_MAX];
	unsigned len;
};

static struct folded
fold_name(const char *text)
{
	struct folded f = { .len = 0 };
	size_t left = strlen(text), n;
	uint32_t c;

	for (; left > 0 && f.len < CHARS_MAX; text += n, left -= n) {
		n = utf8_decode(text, left, &c);
		if (n == 0) {
			n = 1;
			c = (unsigned char)*text;
		}
		if (c < 0x80 && strchr(" _-.[]", (int)c) != NULL)
			continue;
		f.c[f.len++] = c >= 'A' && c <= 'Z' ? c + 32 : c;
	}
	return f;
}

static unsigned
least_of(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned
name_distance(const struct folded *a, const struct folded *b)
{
	unsigned rows[3][CHARS_MAX + 1], *before = rows[0], *last = rows[1], *now = rows[2];

	for (unsigned j = 0; j <= b->len; j++)
		last[j] = before[j] = j;
	for (unsigned i = 1; i <= a->len; i++) {
		unsigned *spare = before;

		now[0] = i;
		for (unsigned j = 1; j <= b->len; j++) {
			now[j] = last[j - 1] + (a->c[i - 1] != b->c[j - 1]);
			now[j] = least_of(now[j], least_of(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a->c[i - 1] == b->c[j - 2] &&
			    a->c[i - 2] == b->c[j - 1])
				now[j] = least_of(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[b->len];
}

const char *
nearest_name(const char *text, const char *const *names)
{
	const struct folded wanted = fold_name(text);
	const char *best = NULL;
	unsigned least = UINT_MAX;

	for (; *names != NULL; names++) {
		const struct folded name = fold_name(*names);
		unsigned distance = name_distance(&wanted, &name);

		if (distance < least && distance <= name.len / 3) {
			least = distance;
			best = *names;
		}
	}
	return best;
}

size_t
nearest_names(const char *text, const char *const *names, size_t len, const char **out, size_t max)
{
	const struct folded wanted = fold_name(text);
	unsigned distances[8];
	size_t n = 0, at;

	if (max > sizeof distances / sizeof distances[0])
		max = sizeof distances / sizeof distances[0];
	for (size_t i = 0; i < len; i++) {
		const struct folded name = fold_name(names[i]);
		unsigned distance = name_distance(&wanted, &name);

		for (at = n; at > 0 && distances[at - 1] > distance; at--) {
			if (at < max) {
				distances[at] = distances[at - 1];
				out[at] = out[at - 1];
			}
		}
		if (at < max) {
			distances[at] = distance;
			out[at] = names[i];
			n += n < max;
		}
	}
	return n;
}
