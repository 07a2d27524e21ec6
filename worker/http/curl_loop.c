/* libcurl multi on libevent. Invariant: nobody is called back from inside libcurl but `finished`.
 */
#include "worker/http/curl_loop.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdlib.h>

#include "lib/log.h"
#include "lib/xalloc.h"

struct curl_loop {
	struct event_base *base;
	CURLM *multi;
	struct event *timer, *deliver;
	struct curl_loop_hooks hooks;
};

static void
collect_finished(struct curl_loop *l)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(l->multi, &left)) != NULL) {
		char *transfer;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &transfer);
		l->hooks.finished(transfer, (int)m->data.result);
		event_active(l->deliver, EV_TIMEOUT, 0);
	}
}

static void
on_socket_ready(evutil_socket_t fd, short what, void *arg)
{
	struct curl_loop *l = arg;
	int running;
	int bits =
	    ((what & EV_READ) ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) ? CURL_CSELECT_OUT : 0);

	curl_multi_socket_action(l->multi, fd, bits, &running);
	collect_finished(l);
}

static void
on_curl_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct curl_loop *l = arg;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(l->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect_finished(l);
}

static void
on_deliver_finished(evutil_socket_t fd, short what, void *arg)
{
	const struct curl_loop *l = arg;

	(void)fd;
	(void)what;
	l->hooks.deliver(l->hooks.arg);
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *sock)
{
	struct curl_loop *l = arg;
	struct event *e = sock;
	short bits = EV_PERSIST;

	(void)easy;
	if (e != NULL)
		event_free(e);
	if (what == CURL_POLL_REMOVE) {
		curl_multi_assign(l->multi, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		bits |= EV_READ;
	if (what & CURL_POLL_OUT)
		bits |= EV_WRITE;
	e = event_new(l->base, fd, bits, on_socket_ready, l);
	if (e == NULL || event_add(e, NULL) == -1)
		panic("event=socket_watch_failed");
	curl_multi_assign(l->multi, fd, e);
	return 0;
}

static int
on_set_timer(CURLM *multi, long ms, void *arg)
{
	struct curl_loop *l = arg;
	struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };

	(void)multi;
	if (ms < 0)
		evtimer_del(l->timer);
	else
		evtimer_add(l->timer, &tv);
	return 0;
}

struct curl_loop *
curl_loop_new(struct event_base *base, const struct curl_loop_hooks *hooks)
{
	struct curl_loop *l = xcalloc(1, sizeof(*l));

	l->base = base;
	l->hooks = *hooks;
	l->multi = curl_multi_init();
	l->timer = evtimer_new(base, on_curl_timeout, l);
	l->deliver = evtimer_new(base, on_deliver_finished, l);
	if (l->multi == NULL || l->timer == NULL || l->deliver == NULL)
		panic("event=transport_failed");
	curl_multi_setopt(l->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(l->multi, CURLMOPT_SOCKETDATA, l);
	curl_multi_setopt(l->multi, CURLMOPT_TIMERFUNCTION, on_set_timer);
	curl_multi_setopt(l->multi, CURLMOPT_TIMERDATA, l);
	curl_multi_setopt(l->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	return l;
}

void
curl_loop_add(struct curl_loop *l, void *easy)
{
	if (curl_multi_add_handle(l->multi, easy) != CURLM_OK)
		panic("event=transfer_add_failed");
}

void
curl_loop_remove(struct curl_loop *l, void *easy)
{
	curl_multi_remove_handle(l->multi, easy);
}

void
curl_loop_free(struct curl_loop *l)
{
	if (l == NULL)
		return;
	curl_multi_cleanup(l->multi);
	event_free(l->timer);
	event_free(l->deliver);
	free(l);
}
