#ifndef WORKER_HTTP_CURL_LOOP_H
#define WORKER_HTTP_CURL_LOOP_H

struct event_base;

/*
 * libcurl's multi interface on the loop, for whatever protocol: the loop never waits for a peer.
 * Each has its own connection cache. Loop thread only. Easy handles are CURL *.
 */
struct curl_loop;

struct curl_loop_hooks {
	/* From inside libcurl: note the result of a transfer (its CURLOPT_PRIVATE), no more. */
	void (*finished)(void *transfer, int result);
	/* Later, from the loop: transfers have finished. */
	void (*deliver)(void *arg);
	void *arg;
};

struct curl_loop *curl_loop_new(struct event_base *base, const struct curl_loop_hooks *hooks);
/* After all handles were removed. NULL is harmless. */
void curl_loop_free(struct curl_loop *l);
void curl_loop_add(struct curl_loop *l, void *easy);
void curl_loop_remove(struct curl_loop *l, void *easy);

#endif
