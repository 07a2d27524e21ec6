/* The rules of adoption. Invariant: pins that cannot be told apart are neither adopted nor absent.
 */
#include "worker/verify/verify_match.h"

#include <ctype.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/text.h"

#define SLACK_US (60 * US_PER_S)
#define LIKE_MIN 8 /* letters that a cut text must have in common */

static int64_t
least_us(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

struct match_window
verify_match_window(int64_t opened_us, int64_t busy_until_us, const struct match_skew *skew)
{
	int64_t lo = least_us(skew->lo_us, least_us(skew->now_us, skew->now_us + skew->own_us));
	int64_t hi = -least_us(-skew->hi_us, least_us(-skew->now_us, -skew->now_us - skew->own_us));
	struct match_window w = { opened_us - SLACK_US + lo, busy_until_us + SLACK_US + hi };

	return w;
}

bool
verify_match_near(const struct pinterest_pin *p, const struct match_window *w)
{
	if (!p->is_owner)
		return false;
	if (p->created_us == TIME_NONE)
		return true;
	return p->created_us >= w->from_us && p->created_us <= w->to_us;
}

static const char *
skip_blanks(const char *t)
{
	size_t n;

	while ((n = text_blank(t)) > 0)
		t += n;
	return t;
}

static bool
is_text_set(const char *text)
{
	return text != NULL && *skip_blanks(text) != '\0';
}

/* Pinterest trims texts and shows a run of blanks, line breaks too, as one: so they are compared.
 */
static bool
same_text(const char *sent, const char *shown)
{
	const char *a = skip_blanks(sent != NULL ? sent : "");
	const char *b = skip_blanks(shown != NULL ? shown : "");

	for (;;) {
		const char *next_a = skip_blanks(a), *next_b = skip_blanks(b);

		if (*next_a == '\0' || *next_b == '\0')
			return *next_a == *next_b;
		if ((next_a > a) != (next_b > b) || *next_a != *next_b)
			return false;
		a = next_a + 1;
		b = next_b + 1;
	}
}

/* For fields that Pinterest may fill in by itself: no difference if they were not sent. */
static bool
same_text_if_sent(const char *sent, const char *shown)
{
	return !is_text_set(sent) || same_text(sent, shown);
}

/*
 * Equal in everything that was sent, without a description or link that was not sent (another pin
 * with the same title may have one), and created at a known time.
 */
static bool
is_whole_match(const struct pinterest_create *sent, const struct pinterest_pin *p)
{
	return p->created_us != TIME_NONE &&
	       (p->board_id == NULL || same_text_if_sent(sent->board_id, p->board_id)) &&
	       same_text(sent->title, p->title) && same_text(sent->description, p->description) &&
	       same_text(sent->link_url, p->link) && same_text_if_sent(sent->alt_text, p->alt_text);
}

/* A listing shifts while it is paged through, so a pin may be on two pages. */
bool
verify_match_again(const struct match_seen *seen, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(seen[k].pin.id, seen[i].pin.id) == 0)
			return true;
	return false;
}

enum match_result
verify_match(
    const struct pinterest_create *sent, const struct match_seen *seen, size_t len, size_t *found)
{
	size_t untied = 0, whole = 0;

	for (size_t i = 0; i < len; i++) {
		if (seen[i].tied || verify_match_again(seen, i))
			continue;
		untied++;
		if (seen[i].late || !is_whole_match(sent, &seen[i].pin))
			continue;
		whole++;
		*found = i;
	}
	if (whole == 1)
		return MATCH_FOUND;
	return untied == 0 ? MATCH_ABSENT : MATCH_UNCLEAR;
}

/* ---- restored databases ---- */

static const unsigned char *
next_letter(const unsigned char *t)
{
	for (;; t++) {
		t = (const unsigned char *)skip_blanks((const char *)t);
		if (*t == '\0' || *t >= 0x80 || isalnum(*t))
			return t;
	}
}

/* Compares letters and digits until one text ends: a cut text is like the whole one. */
static bool
like_text(const char *sent, const char *shown, bool whole)
{
	const unsigned char *a = (const unsigned char *)(sent != NULL ? sent : "");
	const unsigned char *b = (const unsigned char *)(shown != NULL ? shown : "");
	size_t n = 0;

	for (;; n++) {
		a = next_letter(a);
		b = next_letter(b);
		if (*a == '\0' || *b == '\0')
			break;
		if (tolower(*a++) != tolower(*b++))
			return false;
	}
	if (*a == *b) /* both ended */
		return n > 0 || same_text(sent, shown);
	return !whole && n >= LIKE_MIN;
}

static bool
has_any_text(const struct pinterest_create *c)
{
	return is_text_set(c->title) || is_text_set(c->description) || is_text_set(c->link_url) ||
	       is_text_set(c->alt_text);
}

bool
verify_match_late(const struct pinterest_create *sent, const struct pinterest_pin *p,
    const struct match_window *w)
{
	return p->is_owner && p->created_us != TIME_NONE && p->created_us > w->to_us &&
	       has_any_text(sent) && is_whole_match(sent, p);
}

bool
verify_match_like(const struct pinterest_create *sent, const struct pinterest_pin *p)
{
	return !has_any_text(sent) ||
	       (is_text_set(sent->title) && like_text(sent->title, p->title, false)) ||
	       (is_text_set(sent->description) &&
		   like_text(sent->description, p->description, false)) ||
	       (is_text_set(sent->link_url) && like_text(sent->link_url, p->link, true)) ||
	       (is_text_set(sent->alt_text) && like_text(sent->alt_text, p->alt_text, false));
}

static bool
like_text_if_sent(const char *sent, const char *shown)
{
	return !is_text_set(sent) || like_text(sent, shown, false);
}

bool
verify_match_theirs(const struct pinterest_create *theirs, const struct pinterest_create *ours,
    const struct pinterest_pin *p)
{
	if (is_whole_match(ours, p))
		return false;
	if (is_whole_match(theirs, p))
		return true;
	return p->created_us != TIME_NONE && has_any_text(theirs) && !verify_match_like(ours, p) &&
	       (p->board_id == NULL || same_text_if_sent(theirs->board_id, p->board_id)) &&
	       like_text_if_sent(theirs->title, p->title) &&
	       like_text_if_sent(theirs->description, p->description) &&
	       like_text_if_sent(theirs->link_url, p->link) &&
	       like_text_if_sent(theirs->alt_text, p->alt_text);
}

static bool
are_copies(const struct pinterest_pin *a, const struct pinterest_pin *b)
{
	return same_text(a->title, b->title) && same_text(a->description, b->description) &&
	       same_text(a->link, b->link) && same_text(a->alt_text, b->alt_text);
}

enum match_result
verify_match_since(
    const struct pinterest_create *sent, const struct match_seen *seen, size_t len, size_t *found)
{
	size_t untied = 0, whole = 0;
	bool alike = has_any_text(sent);

	for (size_t i = 0; i < len; i++) {
		if (seen[i].tied || verify_match_again(seen, i) ||
		    !verify_match_like(sent, &seen[i].pin))
			continue;
		untied++;
		if (!is_whole_match(sent, &seen[i].pin))
			continue;
		alike = alike && (whole == 0 || are_copies(&seen[*found].pin, &seen[i].pin));
		if (whole++ == 0 || seen[i].pin.created_us < seen[*found].pin.created_us)
			*found = i;
	}
	if (untied == 0)
		return MATCH_ABSENT;
	return whole > 0 && alike ? MATCH_FOUND : MATCH_UNCLEAR;
}
