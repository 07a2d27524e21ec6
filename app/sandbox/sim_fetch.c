/*
 * Fetches and judges images. The cache is a fixed table whose slots are overwritten on collision,
 * which only costs a fetch.
 */
#include "config.h"

#include "app/sandbox/sim_fetch.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/http.h"
#include "lib/log.h"
#include "lib/url.h"
#include "lib/xalloc.h"

#define FETCH_SLOTS 256
#define FETCH_MAX ((size_t)20 * 1024 * 1024)
#define FETCH_SMALLEST 2

struct sim_fetch_slot {
	unsigned char url_hash[SHA256_SIZE];
	struct sim_fetch_image image;
	int64_t at_us; /* monotonic; 0: empty */
};

struct sim_fetch_cache {
	const struct addr_policy *policy;
	char *ca;
	pthread_mutex_t lock;
	struct sim_fetch_slot slots[FETCH_SLOTS];
};

struct sim_fetch_cache *
sim_fetch_cache_new(const struct addr_policy *policy, char *ca)
{
	struct sim_fetch_cache *cache = xcalloc(1, sizeof(*cache));

	cache->policy = policy;
	cache->ca = ca;
	pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

void
sim_fetch_cache_free(struct sim_fetch_cache *cache)
{
	if (cache == NULL)
		return;
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

static int64_t
big_endian_16(const unsigned char *p)
{
	return p[0] << 8 | p[1];
}

static struct sim_fetch_image
image_sized(bool whole, int64_t width, int64_t height)
{
	struct sim_fetch_image image = { SIM_FETCH_GOOD, width, height };

	if (!whole)
		image.verdict = SIM_FETCH_BROKEN;
	else if (width < FETCH_SMALLEST || height < FETCH_SMALLEST)
		image.verdict = SIM_FETCH_SMALL;
	return image;
}

static struct sim_fetch_image
png_judge(const unsigned char *p, size_t len)
{
	if (len < 33 || memcmp(p + 12, "IHDR", 4) != 0 || big_endian_16(p + 16) != 0 ||
	    big_endian_16(p + 20) != 0)
		return image_sized(false, 0, 0);
	return image_sized(
	    memmem(p, len, "IEND", 4) != NULL, big_endian_16(p + 18), big_endian_16(p + 22));
}

/* Walks the segments up to the image data, to skip an embedded thumbnail's end marker. */
static struct sim_fetch_image
jpeg_judge(const unsigned char *p, size_t len)
{
	int64_t width = -1, height = -1;
	size_t at = 2;

	while (at + 9 < len && p[at] == 0xff) {
		unsigned char marker = p[at + 1];

		if (marker == 0xff) {
			at++;
			continue;
		}
		/* SOF0..SOF15 without DHT, JPG and DAC */
		if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
		    marker != 0xcc) {
			height = big_endian_16(p + at + 5);
			width = big_endian_16(p + at + 7);
		}
		at += 2 + (size_t)big_endian_16(p + at + 2);
		if (marker == 0xda)
			break;
	}
	if (width == -1 || at >= len)
		return image_sized(false, 0, 0);
	return image_sized(memmem(p + at, len - at, "\xff\xd9", 2) != NULL, width, height);
}

struct sim_fetch_image
sim_fetch_judge(const void *bytes, size_t len)
{
	const struct sim_fetch_image unmeasured = { SIM_FETCH_GOOD, 0, 0 };
	const unsigned char *p = bytes;

	if (len >= 8 && memcmp(p, "\x89PNG\r\n\x1a\n", 8) == 0)
		return png_judge(p, len);
	if (len >= 4 && memcmp(p, "\xff\xd8\xff", 3) == 0)
		return jpeg_judge(p, len);
	if (len >= 14 && (memcmp(p, "GIF87a", 6) == 0 || memcmp(p, "GIF89a", 6) == 0))
		return unmeasured;
	if (len >= 16 && memcmp(p, "RIFF", 4) == 0 && memcmp(p + 8, "WEBP", 4) == 0)
		return unmeasured;
	return image_sized(false, 0, 0);
}

static struct sim_fetch_image
image_fetch(const struct sim_fetch_cache *cache, const char *url, int timeout_ms, struct arena *mem)
{
	const struct http_request r = { .method = "GET",
		.url = url,
		.timeout_ms = timeout_ms,
		.max_body = FETCH_MAX,
		.policy = cache->policy,
		.ca = cache->ca };
	struct sim_fetch_image image = { SIM_FETCH_UNREACHABLE, 0, 0 };
	const char *host = url_host(url, mem);
	const char *fault = url_target_fault(url, true, cache->policy);
	struct http_answer a;

	if (fault != NULL) {
		log_info("event=image_not_fetched host=%s why=\"url %s\" do=\"[outbound] allow\"",
		    host != NULL ? host : "-", fault);
		return image;
	}
	http_call(&r, mem, &a);
	if (a.outcome == HTTP_ANSWERED && a.status == 200)
		image = sim_fetch_judge(a.body, a.body_len);
	/* the host only: an address may carry a signature */
	if (image.verdict == SIM_FETCH_UNREACHABLE)
		log_info("event=image_not_fetched host=%s status=%ld why=\"%s\"%s",
		    host != NULL ? host : "-", a.status, a.error != NULL ? a.error : "",
		    a.fault == HTTP_F_BLOCKED ? " do=\"[outbound] allow\"" : "");
	return image;
}

struct sim_fetch_image
sim_fetch_url(struct sim_fetch_cache *cache, const char *url, int64_t cache_ms, int timeout_ms,
    struct arena *mem)
{
	unsigned char hash[SHA256_SIZE];
	struct sim_fetch_image image;
	struct sim_fetch_slot *slot;
	int64_t now;
	bool fresh;

	if (cache_ms == 0)
		return image_fetch(cache, url, timeout_ms, mem);
	crypto_sha256(url, strlen(url), hash);
	slot = &cache->slots[hash[0] % FETCH_SLOTS];
	now = clock_mono_us();
	pthread_mutex_lock(&cache->lock);
	fresh = slot->at_us != 0 && now - slot->at_us < cache_ms * US_PER_MS &&
		memcmp(slot->url_hash, hash, sizeof(hash)) == 0;
	image = slot->image;
	pthread_mutex_unlock(&cache->lock);
	if (fresh)
		return image;
	image = image_fetch(cache, url, timeout_ms, mem);
	pthread_mutex_lock(&cache->lock);
	memcpy(slot->url_hash, hash, sizeof(hash));
	slot->image = image;
	slot->at_us = now;
	pthread_mutex_unlock(&cache->lock);
	return image;
}
