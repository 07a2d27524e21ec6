/* For LD_PRELOAD: names that end in .hang.test resolve to this host. While a file of that name
 * exists in $SLOW_RESOLVER, resolving the name hangs, then fails temporarily or succeeds late.
 * Other names go to the C library. libcurl caches names for a minute; this makes it resolve anew
 * each time.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SUFFIX ".hang.test"
#define NAP_NS 20000000L
#define NAPS 1500 /* 30 s */

#define DNS_CACHE_TIMEOUT 92 /* CURLOPT_DNS_CACHE_TIMEOUT */

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int
hung(const char *name)
{
	const struct timespec nap = { 0, NAP_NS };
	const char *folder = getenv("SLOW_RESOLVER");
	char path[4096];

	if (folder == NULL)
		return 0;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (access(path, F_OK) != 0)
		return 0;
	for (int i = 0; i < NAPS && access(path, F_OK) == 0; i++)
		nanosleep(&nap, NULL);
	return 1;
}

int getaddrinfo(const char *, const char *, const struct addrinfo *, struct addrinfo **);
void *curl_easy_init(void);

void *
curl_easy_init(void)
{
	void *next = dlsym(RTLD_NEXT, "curl_easy_init"),
	     *option = dlsym(RTLD_NEXT, "curl_easy_setopt");
	void *(*init)(void), *easy;
	int (*set)(void *, int, ...);

	memcpy(&init, &next, sizeof init);
	memcpy(&set, &option, sizeof set);
	easy = init();
	if (easy != NULL)
		set(easy, DNS_CACHE_TIMEOUT, 0L);
	return easy;
}

int
getaddrinfo(
    const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	void *next = dlsym(RTLD_NEXT, "getaddrinfo");
	size_t len = name != NULL ? strlen(name) : 0, end = strlen(SUFFIX);
	lookup *real;

	memcpy(&real, &next, sizeof real);
	if (len > end && strcmp(name + len - end, SUFFIX) == 0) {
		if (hung(name) && clock() % 2 == 0)
			return EAI_AGAIN;
		name = "127.0.0.1";
	}
	return real(name, service, hints, found);
}
