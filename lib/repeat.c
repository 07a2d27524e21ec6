/* Invariant: a place is freed only after its count was taken out by repeat_over(), or when zero. */
#include "lib/repeat.h"

#include <stdio.h>
#include <string.h>

#include "lib/clock.h"

#define REPEAT_US (REPEAT_S * US_PER_S)
#define OTHERS_TEXT "event=others"

/* FNV-1a; never 0. */
static uint64_t
text_hash(const char *text, size_t len, int tag)
{
	uint64_t h = 0xcbf29ce484222325u ^ (uint64_t)tag;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 0x100000001b3u;
	return h != 0 ? h : 1;
}

static bool
kind_ended(const struct repeat *r, int64_t now_us)
{
	return r->kind != 0 && now_us - r->since_us >= REPEAT_US;
}

static void
place_tidy(struct repeat *r, int64_t now_us)
{
	if (kind_ended(r, now_us) && r->more == 0)
		r->kind = 0;
}

static struct repeat *
rest_place(struct repeat_table *t, uint64_t family, int tag, int64_t now_us)
{
	struct repeat *free_place = &t->others[tag];

	for (size_t i = 0; i < REPEAT_RESTS; i++) {
		struct repeat *r = &t->rests[i];

		place_tidy(r, now_us);
		if (r->kind != 0 && r->family == family)
			return r;
		if (r->kind == 0)
			free_place = r;
	}
	return free_place;
}

/* Its place, or a free one; NULL: its family has no more. */
static struct repeat *
kind_place(struct repeat_table *t, uint64_t kind, uint64_t family, int64_t now_us)
{
	struct repeat *free_place = NULL;
	size_t of_family = 0;

	for (size_t i = 0; i < REPEAT_KINDS; i++) {
		struct repeat *r = &t->kinds[i];

		place_tidy(r, now_us);
		if (r->kind == kind)
			return r;
		of_family += r->kind != 0 && r->family == family;
		if (r->kind == 0)
			free_place = r;
	}
	return of_family < REPEAT_FAMILY_KINDS ? free_place : NULL;
}

bool
repeat_pass(struct repeat_table *t, const char *text, int tag, unsigned most, int64_t now_us)
{
	size_t word = strcspn(text, " ");
	uint64_t kind = text_hash(text, strlen(text), tag), family = text_hash(text, word, tag);
	struct repeat *r = kind_place(t, kind, family, now_us);
	bool rest = r == NULL;

	if (rest) {
		r = rest_place(t, family, tag, now_us);
		most = REPEAT_REST_MOST;
	}
	place_tidy(r, now_us);
	if (r->kind == 0) {
		*r = (struct repeat){
			.kind = kind, .family = family, .since_us = now_us, .tag = tag
		};
		if (!rest)
			snprintf(r->text, sizeof r->text, "%s", text);
		else if (r == &t->others[tag])
			snprintf(r->text, sizeof r->text, "%s", OTHERS_TEXT);
		else
			snprintf(r->text, sizeof r->text, "%.*s of=others", (int)word, text);
	}
	if (r->seen < most) {
		r->seen++;
		return true;
	}
	r->more++;
	return false;
}

static bool
take_out(struct repeat *r, int64_t now_us, struct repeat *out)
{
	if (!kind_ended(r, now_us) || r->more == 0)
		return false;
	*out = *r;
	r->kind = 0;
	return true;
}

bool
repeat_over(struct repeat_table *t, int64_t now_us, struct repeat *out)
{
	for (size_t i = 0; i < REPEAT_KINDS; i++)
		if (take_out(&t->kinds[i], now_us, out))
			return true;
	for (size_t i = 0; i < REPEAT_RESTS; i++)
		if (take_out(&t->rests[i], now_us, out))
			return true;
	for (size_t i = 0; i < REPEAT_TAGS; i++)
		if (take_out(&t->others[i], now_us, out))
			return true;
	return false;
}
