/* Which clients are taken for one. */
#include "lib/client_prefix.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/addr.h"

#define V4_BYTES 3
#define V6_BYTES 8

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

const char *
client_prefix(const char *address, char out[CLIENT_PREFIX_SIZE])
{
	char text[INET6_ADDRSTRLEN];
	struct addr a;
	size_t keep = V6_BYTES;
	int family = AF_INET6;

	snprintf(out, CLIENT_PREFIX_SIZE, "unknown");
	if (addr_parse(address, 0, &a) == -1)
		return out;
	if (a.family == ADDR_V6 && memcmp(a.b, mapped, sizeof(mapped)) == 0) {
		memmove(a.b, a.b + sizeof(mapped), 4);
		a.family = ADDR_V4;
	}
	if (a.family == ADDR_V4) {
		keep = V4_BYTES;
		family = AF_INET;
	}
	memset(a.b + keep, 0, sizeof(a.b) - keep);
	if (inet_ntop(family, a.b, text, sizeof(text)) != NULL)
		snprintf(out, CLIENT_PREFIX_SIZE, "%s/%d", text,
		    family == AF_INET ? V4_BYTES * 8 : V6_BYTES * 8);
	return out;
}
