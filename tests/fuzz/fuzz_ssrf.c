/*
 * URLs against the address policy: whatever is accepted, and that the resolver takes for an address
 * in any spelling, is a public one. The input is a URL, or a host for which the first byte says how
 * the rest of the URL looks.
 */
#include "tests/fuzz/fuzz.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/arena.h"
#include "lib/url.h"

static void
check_resolved(const struct sockaddr *at)
{
	struct addr a = { .port = 443 };

	if (at->sa_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const void *)at;

		a.family = ADDR_V6;
		memcpy(a.b, &v6->sin6_addr, 16);
	} else {
		const struct sockaddr_in *v4 = (const void *)at;

		a.family = ADDR_V4;
		memcpy(a.b, &v4->sin_addr, 4);
	}
	MUST(addr_allowed(NULL, &a));
}

static void
check_target(const char *url, bool allow_http, struct arena *mem)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	const char *host;

	if (url_target_fault(url, allow_http, NULL) != NULL)
		return;
	host = url_host(url, mem);
	MUST(host != NULL && *host != '\0' && !url_is_private(url, NULL));
	if (getaddrinfo(host, "443", &hints, &found) != 0)
		return;
	for (const struct addrinfo *i = found; i != NULL; i = i->ai_next)
		check_resolved(i->ai_addr);
	freeaddrinfo(found);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const shapes[] = { "https://%s/", "http://%s:80/x", "https://[%s]/",
		"https://a@%s/", "https://%s:443", "https:\\\\%s/", "https://%s.",
		"https://%s?q#f" };
	bool shaped = size > 1 && data[0] < sizeof(shapes) / sizeof(shapes[0]);
	struct arena *mem = arena_new();
	char *text = fuzz_text(data + shaped, size - shaped);
	const char *url = text, *joined, *hole;

	if (shaped) {
		hole = strstr(shapes[data[0]], "%s");
		url = arena_printf(mem, "%.*s%s%s", (int)(hole - shapes[data[0]]), shapes[data[0]],
		    text, hole + 2);
	}
	check_target(url, false, mem);
	check_target(url, true, mem);
	joined = url_join("https://example.com/a/b", text, mem);
	if (joined != NULL)
		check_target(joined, true, mem);
	free(text);
	arena_free(mem);
	return 0;
}
