/*
 * One table lists the settings: name, offset, default and bounds, or the allowed words. Every
 * stored value was checked against it.
 */
#include "app/sandbox/sim_settings.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/json.h"

#define DAY_S 86400

static const char *const listing_words[] = { "newest", "oldest", "shuffled", NULL };
static const char *const rewrite_words[] = { "off", "trim", "links", NULL };
static const char *const rotation_words[] = { "strict", "lenient", "keep", NULL };
static const char *const analytics_words[] = { "zero", "made", NULL };
static const char *const tier_words[] = { "standard", "trial", "unapproved", NULL };

struct setting {
	const char *name;
	size_t at;
	int64_t normal, min, max;
	const char *const *words;
	bool text;
};

#define ITEM(field, ...)                                                                           \
	{                                                                                          \
#field, offsetof(struct sim_settings, field), __VA_ARGS__                          \
	}

#define NUMBER(field, by_default, least, most)                                                     \
	ITEM(field, .normal = (by_default), .min = (least), .max = (most))

static const struct setting items[] = {
	NUMBER(org_write, 600, 0, 1000000),
	NUMBER(org_read, 1000, 0, 1000000),
	NUMBER(org_analytics, 60, 0, 1000000),
	NUMBER(ads_read, 1000, 0, 1000000),
	NUMBER(per_second, 0, 0, 1000000),
	NUMBER(day_limit, 0, 0, 1000000),
	NUMBER(contention_ms, 0, 0, 60000),
	NUMBER(retry_after, 0, 0, 1),
	NUMBER(spam_pins, 0, 0, 1000000),
	NUMBER(spam_host_pins, 0, 0, 1000000),
	NUMBER(spam_window_s, 3600, 1, DAY_S),
	NUMBER(spam_host_window_s, 0, 0, DAY_S),
	NUMBER(spam_hold_s, 60, 1, DAY_S),
	ITEM(listing, .words = listing_words),
	NUMBER(listing_delay_s, 0, 0, 3600),
	NUMBER(page_max, 250, 1, 250),
	NUMBER(boards_max, 2000, 1, 1000000),
	NUMBER(pins_kept, 10000, 1, 1000000),
	ITEM(rewrite, .normal = SIM_REWRITE_TRIM, .words = rewrite_words),
	NUMBER(skew_s, 0, -DAY_S, DAY_S),
	ITEM(rotation, .words = rotation_words),
	NUMBER(rotation_grace_s, 60, 0, DAY_S),
	NUMBER(access_s, 2592000, 1, 10 * 365 * DAY_S),
	NUMBER(refresh_s, 60 * DAY_S, 1, 10 * 365 * DAY_S),
	ITEM(tier, .words = tier_words),
	ITEM(analytics, .words = analytics_words),
	NUMBER(revocable, 0, 0, 1),
	NUMBER(deny, 0, 0, 1),
	NUMBER(image_cache_ms, 0, 0, 1000),
	NUMBER(fetch, 1, 0, 1),
	NUMBER(error_extras, 0, 0, 1),
	ITEM(drop_scopes, .text = true),
	ITEM(blocked_hosts, .text = true),
};
#define ITEMS (sizeof(items) / sizeof(items[0]))

static int64_t *
item_number(struct sim_settings *s, const struct setting *i)
{
	return (int64_t *)(void *)((char *)s + i->at);
}

static const char **
item_text(struct sim_settings *s, const struct setting *i)
{
	return (const char **)(void *)((char *)s + i->at);
}

static int64_t
item_word_index(const struct setting *i, const char *word)
{
	for (int64_t n = 0; i->words[n] != NULL; n++)
		if (strcmp(i->words[n], word) == 0)
			return n;
	return -1;
}

/* NULL, or what is wrong with the value. */
static const char *
item_fault(const struct setting *i, struct json_object *value, struct arena *mem)
{
	int64_t n;

	if (i->text || i->words != NULL) {
		if (!json_object_is_type(value, json_type_string))
			return arena_printf(mem, "%s: text expected", i->name);
		if (i->words != NULL && item_word_index(i, json_object_get_string(value)) == -1)
			return arena_printf(mem, "%s: not one of the allowed words", i->name);
		return NULL;
	}
	if (json_object_is_type(value, json_type_boolean) && i->max == 1)
		return NULL;
	n = json_object_get_int64(value);
	if (!json_object_is_type(value, json_type_int) || n < i->min || n > i->max)
		return arena_printf(mem, "%s: a number from %" PRId64 " to %" PRId64 " expected",
		    i->name, i->min, i->max);
	return NULL;
}

static struct json_object *
document_parse(const char *doc)
{
	const struct json_limits limits = { 2, 100 };
	struct json_fault fault;
	struct json_object *o = json_parse(doc, strlen(doc), &limits, &fault);

	if (o != NULL && json_object_is_type(o, json_type_object))
		return o;
	json_object_put(o);
	return json_object_new_object();
}

void
sim_settings_read(struct sim_settings *s, const char *doc, struct arena *mem)
{
	bool plain = doc == NULL || strcmp(doc, "{}") == 0;
	struct json_object *o = plain ? NULL : document_parse(doc);
	struct json_object *value;

	memset(s, 0, sizeof(*s));
	for (size_t k = 0; k < ITEMS; k++) {
		const struct setting *i = &items[k];

		value = o == NULL ? NULL : json_object_object_get(o, i->name);
		if (i->text)
			*item_text(s, i) =
			    value == NULL ? "" : arena_strdup(mem, json_object_get_string(value));
		else if (value == NULL)
			*item_number(s, i) = i->normal;
		else if (i->words != NULL)
			*item_number(s, i) = item_word_index(i, json_object_get_string(value));
		else
			*item_number(s, i) = json_object_get_int64(value);
	}
	json_object_put(o);
}

static const struct setting *
item_named(const char *name)
{
	for (size_t k = 0; k < ITEMS; k++)
		if (strcmp(items[k].name, name) == 0)
			return &items[k];
	return NULL;
}

const char *
sim_settings_merge(
    const char *doc, struct json_object *changes, struct arena *mem, const char **why)
{
	struct json_object *o = document_parse(doc);
	const char *merged = NULL;

	json_object_object_foreach(changes, name, value)
	{
		const struct setting *i = item_named(name);

		*why = i == NULL       ? arena_printf(mem, "unknown setting %s", name)
		       : value == NULL ? NULL
				       : item_fault(i, value, mem);
		if (*why != NULL)
			goto out;
		if (value == NULL)
			json_object_object_del(o, name);
		else
			json_put(o, name, json_object_get(value));
	}
	merged = arena_strdup(mem, json_dump(o, NULL));
out:
	json_object_put(o);
	return merged;
}

struct json_object *
sim_settings_show(const struct sim_settings *s)
{
	struct json_object *o = json_object_new_object();
	struct sim_settings copy = *s;

	for (size_t k = 0; k < ITEMS; k++) {
		const struct setting *i = &items[k];

		if (i->text)
			json_put_text(o, i->name, *item_text(&copy, i));
		else if (i->words != NULL)
			json_put_text(o, i->name, i->words[*item_number(&copy, i)]);
		else
			json_put_int(o, i->name, *item_number(&copy, i));
	}
	return o;
}
