/* Limits by name, in the settings and of one project. */
#include "lib/limit.h"

#include <inttypes.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/num.h"

#define ROWS_MOST 1000000000
/* Kinds of limits of rows. */
#define PERSONAL_EXACT false
#define PERSONAL_LEASED false
#define PERSONAL_ROLLING true
#define PERSONAL_TEAM true

static const struct limit_info table[LIMIT__COUNT] = {
#define LIMIT(NAME, name, place, setting, kind, statement, what)                                   \
	[LIMIT_##NAME] = { name, setting, 0, ROWS_MOST, PERSONAL_##kind },
#define SHARE(NAME, name, setting, least, most)                                                    \
	[LIMIT_##NAME] = { name, setting, least, most, false },
#include "lib/limit.def"
#undef LIMIT
#undef SHARE
};

static const size_t row_places[LIMIT__ROWS] = {
#define LIMIT(NAME, name, place, setting, kind, statement, what) offsetof(struct conf, place),
#define SHARE(NAME, name, setting, least, most)
#include "lib/limit.def"
#undef LIMIT
#undef SHARE
};

const struct limit_info *
limit_info(enum limit which)
{
	return &table[which];
}

bool
limit_find(const char *name, size_t len, enum limit *which)
{
	for (int i = 0; i < LIMIT__COUNT; i++)
		if (strlen(table[i].name) == len && memcmp(table[i].name, name, len) == 0) {
			*which = (enum limit)i;
			return true;
		}
	return false;
}

void
limit_own_read(struct limit_own *own, const char *text)
{
	enum limit which;
	char number[16];
	size_t len, name;
	int64_t value;

	memset(own, 0, sizeof(*own));
	for (; text != NULL && *text != '\0'; text += len, text += strspn(text, " ")) {
		len = strcspn(text, " ");
		name = strcspn(text, "= ");
		if (text[name] != '=' || len - name > sizeof(number) ||
		    !limit_find(text, name, &which) || table[which].personal)
			continue;
		memcpy(number, text + name + 1, len - name - 1);
		number[len - name - 1] = '\0';
		if (num_parse(number, table[which].least, table[which].most, &value) == -1)
			continue;
		own->set |= 1u << which;
		own->value[which] = value;
	}
}

const char *
limit_own_text(const struct limit_own *own, struct arena *mem)
{
	const char *text = NULL;

	for (int i = 0; i < LIMIT__COUNT; i++)
		if (limit_is_own(own, (enum limit)i))
			text = arena_printf(mem, "%s%s%s=%" PRId64, text != NULL ? text : "",
			    text != NULL ? " " : "", table[i].name, own->value[i]);
	return text;
}

bool
limit_is_own(const struct limit_own *own, enum limit which)
{
	return (own->set >> which & 1) != 0;
}

static int64_t
part_of_threads(int64_t set, int64_t threads, int64_t part)
{
	if (set > 0)
		return set;
	return threads / part > 0 ? threads / part : 1;
}

static int64_t
limit_configured(const struct conf *conf, enum limit which)
{
	switch ((int)which) {
	case LIMIT_REQUESTS_BURST: return conf->limits.requests.capacity;
	case LIMIT_REQUESTS_PER_S: return US_PER_S / conf->limits.requests.interval_us;
	case LIMIT_REQUESTS_IN_HAND:
		return part_of_threads(conf->limits.requests_in_hand, conf->threads, 2);
	case LIMIT_LONG_REQUESTS_IN_HAND:
		return part_of_threads(conf->limits.long_in_hand, conf->threads, 4);
	}
	return *(const int64_t *)((const char *)conf + row_places[which]);
}

int64_t
limit_value(const struct conf *conf, const struct limit_own *own, enum limit which)
{
	return limit_is_own(own, which) ? own->value[which] : limit_configured(conf, which);
}
