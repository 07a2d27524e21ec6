/* The adopt rules. Invariant: what cannot be told apart is never adopted and never called absent.
 */
#include "worker/verify_match.h"

#include <ctype.h>
#include <string.h>

#include "lib/clock.h"

#define SLACK_US (60 * US_PER_S)

struct match_window
verify_match_window(int64_t opened_us, int64_t busy_until_us, int64_t skew_us)
{
	struct match_window w = { opened_us - SLACK_US + skew_us,
		busy_until_us + SLACK_US + skew_us };

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

static size_t
trim(const char **text)
{
	const char *t = *text != NULL ? *text : "";
	size_t n;

	while (isspace((unsigned char)*t))
		t++;
	n = strlen(t);
	while (n > 0 && isspace((unsigned char)t[n - 1]))
		n--;
	*text = t;
	return n;
}

/* Fields that were not sent say nothing. */
static bool
same(const char *sent, const char *shown)
{
	size_t a = trim(&sent), b = trim(&shown);

	return a == 0 || (a == b && memcmp(sent, shown, a) == 0);
}

bool
verify_match_whole(const struct pinterest_create *sent, const struct pinterest_pin *p)
{
	return p->created_us != TIME_NONE &&
	       (p->board_id == NULL || same(sent->board_id, p->board_id)) &&
	       same(sent->title, p->title) && same(sent->description, p->description) &&
	       same(sent->link, p->link) && same(sent->alt_text, p->alt_text);
}

enum match_result
verify_match(
    const struct pinterest_create *sent, const struct match_seen *seen, size_t len, size_t *found)
{
	size_t untied = 0, whole = 0;

	for (size_t i = 0; i < len; i++) {
		if (seen[i].tied)
			continue;
		untied++;
		if (!verify_match_whole(sent, &seen[i].pin))
			continue;
		whole++;
		*found = i;
	}
	if (whole == 1)
		return MATCH_FOUND;
	return untied == 0 ? MATCH_ABSENT : MATCH_UNCLEAR;
}
