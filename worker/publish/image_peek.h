#ifndef WORKER_PUBLISH_IMAGE_PEEK_H
#define WORKER_PUBLISH_IMAGE_PEEK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/media_peek.h"

struct transport;

/*
 * A peek (lib/media_peek.h) at the image of a pin that Pinterest refused for it. Loop thread only.
 * The struct belongs to the caller and must live until `done`, or until the transport is freed.
 */
typedef void (*image_peek_done)(void *arg, const struct media_finding *found);

struct image_peek {
	struct media_peek peek;
	struct transport *transport;
	int64_t end_us; /* monotonic */
	image_peek_done done;
	void *arg;
};

/*
 * `k` has peek.mem, .policy and .public_only, transport, done and arg. True: `done` is called once,
 * later. False: nothing may be fetched; *found says why.
 */
MUST_CHECK bool image_peek_start(
    struct image_peek *k, const char *url, int64_t timeout_ms, struct media_finding *found);

#endif
