/*
 * Images of a create. Every source_type that needs no upload works; videos are refused, as in
 * Pinterest's own sandbox.
 */
#include "app/sandbox/sim_media.h"

#include <string.h>

#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_fetch.h"
#include "app/sandbox/sim_limits.h"
#include "app/sandbox/sim_turns.h"
#include "app/sandbox/sim_view.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/json.h"

#define ITEMS_MIN 2
#define ITEMS_MAX 5

static const char *
media_text(struct json_object *o, const char *name)
{
	struct json_object *v = json_object_object_get(o, name);

	return json_object_is_type(v, json_type_string) ? json_object_get_string(v) : NULL;
}

static bool
check_url(struct sim_call *c, struct json_object *o)
{
	const char *url = media_text(o, "url");

	if (url == NULL)
		return SIM_INVALID(c, "'url' is a required property");
	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		return sim_view_refuse(
		    c, 400, 1, "Whoops! It looks like you entered an invalid URL");
	return true;
}

static bool
check_base64(struct sim_call *c, struct json_object *o)
{
	static const char alphabet[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=";
	const char *type = media_text(o, "content_type");
	const char *data = media_text(o, "data");

	if (type == NULL || (strcmp(type, "image/jpeg") != 0 && strcmp(type, "image/png") != 0))
		return SIM_INVALID(c, "'%.80s' is not one of ['image/jpeg', 'image/png']",
		    type == NULL ? "None" : type);
	if (data == NULL)
		return SIM_INVALID(c, "'data' is a required property");
	if (*data == '\0' || data[strspn(data, alphabet)] != '\0')
		return SIM_INVALID(c, "'%.40s...' does not match '^[a-zA-Z0-9+/=]+$'", data);
	return true;
}

static bool
check_items(struct sim_call *c, struct json_object *o,
    bool (*check)(struct sim_call *, struct json_object *))
{
	struct json_object *items = json_object_object_get(o, "items");
	size_t n;

	if (!json_object_is_type(items, json_type_array))
		return SIM_INVALID(c, "'items' is a required property");
	n = json_object_array_length(items);
	if (n < ITEMS_MIN || n > ITEMS_MAX)
		return SIM_INVALID(c, "items has %zu entries, constraint: %s", n,
		    n < ITEMS_MIN ? "minItems=2" : "maxItems=5");
	for (size_t i = 0; i < n; i++)
		if (!check(c, json_object_array_get_idx(items, i)))
			return false;
	return true;
}

static bool
check_video(struct sim_call *c, struct json_object *o)
{
	if (media_text(o, "media_id") == NULL)
		return SIM_INVALID(c, "'media_id' is a required property");
	if (media_text(o, "cover_image_url") == NULL &&
	    media_text(o, "cover_image_content_type") == NULL &&
	    !json_object_object_get(o, "cover_image_key_frame_time"))
		return SIM_INVALID(c, "cover_image_url or cover_image_content_type is required");
	return SIM_INVALID(c, "Video Pins cannot be created in the sandbox.");
}

static bool
check_pin_url(struct sim_call *c, struct json_object *o)
{
	(void)o;
	return SIM_INVALID(c, "'pin_url' is available to beta users only");
}

bool
sim_media_check(struct sim_call *c, struct json_object *source)
{
	static const struct {
		const char *name;
		bool (*check)(struct sim_call *c, struct json_object *o);
		bool many;
	} types[] = { { "image_url", check_url, false }, { "image_base64", check_base64, false },
		{ "video_id", check_video, false }, { "multiple_image_urls", check_url, true },
		{ "multiple_image_base64", check_base64, true },
		{ "pin_url", check_pin_url, false } };
	const char *type = media_text(source, "source_type");

	if (!json_object_is_type(source, json_type_object))
		return SIM_INVALID(c, "'media_source' is a required property");
	for (size_t i = 0; type != NULL && i < DB_LEN(types); i++)
		if (strcmp(types[i].name, type) == 0)
			return types[i].many ? check_items(c, source, types[i].check)
					     : types[i].check(c, source);
	return SIM_INVALID(c, "media_source.source_type is not one of its kinds");
}

static struct sim_fetch_image
image_decode(struct sim_call *c, struct json_object *o)
{
	const char *data = media_text(o, "data");
	size_t room = strlen(data) / 4 * 3 + 4;
	void *bytes = arena_alloc(c->mem, room);
	int len = crypto_base64_decode(data, false, bytes, room);

	return sim_fetch_judge(bytes, len < 0 ? 0 : (size_t)len);
}

/* Fetches or decodes the image of an entry. False: the reply is set. */
static bool
image_take(struct sim_call *c, struct json_object *o, struct sim_fetch_image *image)
{
	const struct sim_fetch_image believed = { SIM_FETCH_GOOD, 0, 0 };
	const char *url = media_text(o, "url");
	int64_t left_ms = (c->images_us - clock_mono_us()) / US_PER_MS;

	if (url == NULL)
		*image = image_decode(c, o);
	else
		*image = c->set.fetch ? sim_fetch_url(c->sim->images, url, c->set.image_cache_ms,
					    left_ms > 1 ? (int)left_ms : 1, c->mem)
				      : believed;
	switch (image->verdict) {
	case SIM_FETCH_GOOD: return true;
	case SIM_FETCH_UNREACHABLE:
		return sim_view_refuse(c, 400, 1, "Sorry we could not fetch the image.");
	case SIM_FETCH_BROKEN: return sim_view_refuse(c, 403, 235, "Sorry, this image is broken.");
	case SIM_FETCH_SMALL: return sim_view_refuse(c, 403, 233, "Your image is too small.");
	}
	return false;
}

/* Pinterest's copies of an image; their URLs derive from the source's URL or data. */
static struct json_object *
image_copies_json(struct sim_call *c, struct json_object *o, const struct sim_fetch_image *image)
{
	static const struct {
		const char *name;
		int64_t width, height; /* height 0: proportional */
	} sizes[] = { { "150x150", 150, 150 }, { "400x300", 400, 300 }, { "600x", 600, 0 },
		{ "1200x", 1200, 0 }, { "originals", 0, 0 } };
	const char *key = media_text(o, "url") ? media_text(o, "url") : media_text(o, "data");
	int64_t w = image->width ? image->width : 1000, h = image->height ? image->height : 1500;
	struct json_object *all = json_object_new_object();
	unsigned char hash[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];

	crypto_sha256(key, strlen(key), hash);
	crypto_hex(hash, sizeof(hash), hex);
	for (size_t i = 0; i < DB_LEN(sizes); i++) {
		struct json_object *one = json_object_new_object();
		int64_t width = sizes[i].width ? sizes[i].width : w;

		json_put_int(one, "width", width);
		json_put_int(one, "height", sizes[i].height ? sizes[i].height : width * h / w);
		json_put_text(one, "url",
		    arena_printf(c->mem, "https://i.pinimg.com/%s/%.2s/%.2s/%.2s/%.32s.jpg",
			sizes[i].name, hex, hex + 2, hex + 4, hex));
		json_put(all, sizes[i].name, one);
	}
	return all;
}

/* 2..5 images of one aspect ratio. NULL: the reply is set. */
static struct json_object *
carousel_json(struct sim_call *c, struct json_object *items)
{
	struct json_object *all = json_object_new_array();
	struct sim_fetch_image first = { SIM_FETCH_GOOD, 0, 0 };

	for (size_t i = 0; i < json_object_array_length(items); i++) {
		struct json_object *item = json_object_array_get_idx(items, i);
		struct json_object *one;
		struct sim_fetch_image image;

		if (!image_take(c, item, &image))
			goto refused;
		if (i == 0)
			first = image;
		if (image.width * first.height != first.width * image.height) {
			sim_view_error(c, 400, 1, "Images must have the same width/height ratios");
			goto refused;
		}
		one = json_object_new_object();
		json_put_text(one, "item_type", "image");
		json_put_text(one, "title", media_text(item, "title"));
		json_put_text(one, "description", media_text(item, "description"));
		json_put_text(one, "link", media_text(item, "link"));
		json_put(one, "images", image_copies_json(c, item, &image));
		json_object_array_add(all, one);
	}
	return all;
refused:
	json_object_put(all);
	return NULL;
}

static const char *
media_load(struct sim_call *c, struct json_object *source)
{
	struct json_object *items = json_object_object_get(source, "items");
	struct json_object *media = json_object_new_object();
	struct json_object *pictures = NULL;
	struct sim_fetch_image image;
	const char *done = NULL;

	if (items != NULL)
		pictures = carousel_json(c, items);
	else if (image_take(c, source, &image))
		pictures = image_copies_json(c, source, &image);
	if (pictures != NULL) {
		json_put_text(media, "media_type", items == NULL ? "image" : "multiple_images");
		json_put(media, items == NULL ? "images" : "items", pictures);
		done = arena_strdup(c->mem, json_dump(media, NULL));
	}
	json_object_put(media);
	return done;
}

const char *
sim_media_take(struct sim_call *c, struct json_object *source)
{
	struct sim_turn turn;
	const char *media;
	int64_t now_us;

	if (!sim_turns_begin(c->sim->turns, c->user_id, clock_mono_us(), &turn)) {
		(void)sim_limits_busy(c);
		return NULL;
	}
	c->images_us = turn.end_us;
	media = media_load(c, source);
	now_us = clock_mono_us();
	sim_turns_end(c->sim->turns, &turn, now_us);
	if (media == NULL && sim_turn_hurried(&turn, now_us))
		(void)sim_limits_busy(c);
	return media;
}
