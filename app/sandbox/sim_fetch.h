#ifndef APP_SANDBOX_SIM_FETCH_H
#define APP_SANDBOX_SIM_FETCH_H

#include <stddef.h>
#include <stdint.h>

struct addr_policy;
struct arena;

/* How Pinterest judges an image. */
enum sim_fetch_verdict {
	SIM_FETCH_GOOD,
	SIM_FETCH_UNREACHABLE, /* 400/1 */
	SIM_FETCH_BROKEN,      /* 403/235 */
	SIM_FETCH_SMALL        /* 403/233 */
};

struct sim_fetch_image {
	enum sim_fetch_verdict verdict;
	int64_t width, height; /* 0: unknown (GIF, WebP) */
};

/* A short-lived cache of verdicts by URL; shared by all threads, with its own lock. */
struct sim_fetch_cache;
/* `policy` limits every fetch, since API clients choose the URLs. It must outlive the cache. */
struct sim_fetch_cache *sim_fetch_cache_new(const struct addr_policy *policy, char *ca);
void sim_fetch_cache_free(struct sim_fetch_cache *cache);

/* Good: a complete PNG (IEND), JPEG (EOI), GIF or WebP of at least 2 x 2. Pure. */
struct sim_fetch_image sim_fetch_judge(const void *bytes, size_t len);
/* Fetches the image within timeout_ms, or reuses a verdict no older than cache_ms. */
struct sim_fetch_image sim_fetch_url(struct sim_fetch_cache *cache, const char *url,
    int64_t cache_ms, int timeout_ms, struct arena *mem);

#endif
