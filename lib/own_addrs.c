/* Invariant: when the interfaces cannot be read, the last list stays. */
#include "lib/own_addrs.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/xalloc.h"

#define FRESH_US (10 * US_PER_S)

struct own_addrs {
	pthread_mutex_t lock;
	struct addr *list;
	size_t len;
	bool given;
	int64_t read_us; /* monotonic; 0: not yet */
};

struct own_addrs *
own_addrs_new(void)
{
	struct own_addrs *o = xcalloc(1, sizeof(*o));

	pthread_mutex_init(&o->lock, NULL);
	return o;
}

struct own_addrs *
own_addrs_given(const struct addr *list, size_t len)
{
	struct own_addrs *o = own_addrs_new();

	o->list = xcalloc(len + 1, sizeof(*list));
	memcpy(o->list, list, len * sizeof(*list));
	o->len = len;
	o->given = true;
	return o;
}

void
own_addrs_free(struct own_addrs *o)
{
	if (o == NULL)
		return;
	pthread_mutex_destroy(&o->lock);
	free(o->list);
	free(o);
}

static bool
interface_address(const struct sockaddr *from, struct addr *to)
{
	*to = (struct addr){ .family = ADDR_V4 };
	if (from != NULL && from->sa_family == AF_INET) {
		memcpy(to->b, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
		return true;
	}
	if (from == NULL || from->sa_family != AF_INET6)
		return false;
	to->family = ADDR_V6;
	memcpy(to->b, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, 16);
	return true;
}

static void
interfaces_read(struct own_addrs *o)
{
	struct ifaddrs *all;
	size_t most = 0;

	if (getifaddrs(&all) == -1) {
		log_counted(LOG_LVL_WARN, 1, "event=interfaces_unreadable",
		    "event=interfaces_unreadable error=\"%s\"", strerror(errno));
		return;
	}
	for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next)
		most++;
	free(o->list);
	o->list = xcalloc(most + 1, sizeof(*o->list));
	o->len = 0;
	for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next)
		if (interface_address(i->ifa_addr, &o->list[o->len]))
			o->len++;
	freeifaddrs(all);
}

bool
own_addrs_have(struct own_addrs *o, const struct addr *a)
{
	int64_t now = clock_mono_us();
	bool found = false;

	if (o == NULL)
		return false;
	pthread_mutex_lock(&o->lock);
	if (!o->given && (o->read_us == 0 || now - o->read_us > FRESH_US)) {
		interfaces_read(o);
		o->read_us = now;
	}
	for (size_t i = 0; i < o->len && !found; i++)
		found = o->list[i].family == a->family &&
			memcmp(o->list[i].b, a->b, a->family == ADDR_V4 ? 4 : 16) == 0;
	pthread_mutex_unlock(&o->lock);
	return found;
}
