#ifndef APP_SANDBOX_SIM_FETCH_H
#define APP_SANDBOX_SIM_FETCH_H

#include <stddef.h>
#include <stdint.h>

struct addr_policy;
struct arena;

/* What Pinterest thinks of an image. */
enum sim_fetch_verdict {
	SIM_FETCH_GOOD,
	SIM_FETCH_UNREACHABLE, /* 400/1 */
	SIM_FETCH_BROKEN,      /* 403/235 */
	SIM_FETCH_SMALL        /* 403/233 */
};

struct sim_fetch_image {
	enum sim_fetch_verdict verdict;
	int64_t width, height; /* 0: not known (GIF, WebP) */
};

/* Verdicts by URL for a moment; shared by all threads, with its own lock. */
struct sim_fetch_cache;
/* `policy` guards every fetch: anybody with a sandbox chooses the URLs. It must outlive the cache.
 */
struct sim_fetch_cache *sim_fetch_cache_new(const struct addr_policy *policy);
void sim_fetch_cache_free(struct sim_fetch_cache *cache);

/* Pure: PNG, JPEG, GIF or WebP, whole (PNG with IEND, JPEG with EOI), 2 x 2 or larger. */
struct sim_fetch_image sim_fetch_judge(const void *bytes, size_t len);
/* GET for real; a verdict not older than cache_ms is used again. */
struct sim_fetch_image sim_fetch_url(
    struct sim_fetch_cache *cache, const char *url, int64_t cache_ms, struct arena *mem);

#endif
