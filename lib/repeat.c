/* Invariant: a place is freed only after its count was taken out by repeat_over(), or when zero. */
#include "lib/repeat.h"

#include <stdio.h>
#include <string.h>

#include "lib/clock.h"

#define REPEAT_US (REPEAT_S * US_PER_S)
#define REST_TEXT "event=others"

/* FNV-1a; never 0. */
static uint64_t
kind_hash(const char *text, int tag)
{
	uint64_t h = 0xcbf29ce484222325u ^ (uint64_t)tag;

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3u;
	return h != 0 ? h : 1;
}

static bool
kind_ended(const struct repeat *r, int64_t now_us)
{
	return r->kind != 0 && now_us - r->since_us >= REPEAT_US;
}

/* Its place, a free one, or that of the rest. */
static struct repeat *
kind_place(struct repeat_table *t, uint64_t kind, struct repeat *rest, int64_t now_us)
{
	struct repeat *free_place = rest;

	for (size_t i = 0; i < REPEAT_KINDS; i++) {
		struct repeat *r = &t->kinds[i];

		if (kind_ended(r, now_us) && r->more == 0)
			r->kind = 0;
		if (r->kind == kind)
			return r;
		if (r->kind == 0)
			free_place = r;
	}
	return free_place;
}

bool
repeat_pass(struct repeat_table *t, const char *text, int tag, unsigned most, int64_t now_us)
{
	uint64_t kind = kind_hash(text, tag);
	struct repeat *rest = &t->rest[tag], *r = kind_place(t, kind, rest, now_us);

	if (r == rest) {
		most = REPEAT_REST_MOST;
		text = REST_TEXT;
	}
	if (r->kind == 0 || (kind_ended(r, now_us) && r->more == 0)) {
		*r = (struct repeat){ .kind = kind, .since_us = now_us, .tag = tag };
		snprintf(r->text, sizeof r->text, "%s", text);
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
	for (size_t i = 0; i < REPEAT_TAGS; i++)
		if (take_out(&t->rest[i], now_us, out))
			return true;
	return false;
}
