#ifndef LIB_ADDR_H
#define LIB_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

/*
 * The outbound address guard; pure but for the host's own addresses. Denied by default: these,
 * every special-purpose IPv4 range, and all IPv6 except 2000::/3 without the special ranges inside
 * it. The operator may allow CIDRs with an optional port. Metadata services, the unspecified
 * address, multicast and broadcast are always denied.
 */
enum addr_family { ADDR_V4, ADDR_V6 };

struct addr {
	enum addr_family family;
	unsigned char b[16]; /* network order; the first 4 for IPv4 */
	uint16_t port;       /* host order */
};

struct addr_rule {
	struct addr net; /* port 0: any port */
	unsigned prefix_bits;
};

struct own_addrs;

struct addr_policy {
	struct addr_rule *allow;
	size_t allow_len;
	struct own_addrs
	    *own; /* this host's, denied unless allowed (lib/own_addrs.h); NULL: none */
};

MUST_CHECK bool addr_allowed(const struct addr_policy *policy, const struct addr *a);
/* Is it denied only because it is this host's own? */
MUST_CHECK bool addr_is_own(const struct addr_policy *policy, const struct addr *a);
/* "10.0.0.0/8", "127.0.0.1/32:8099", "[::1]/128:80"; no prefix: one address. 0 or -1. */
MUST_CHECK int addr_rule_parse(const char *text, struct addr_rule *out);
/* Numeric text (no brackets) and port -> addr. 0 or -1. */
MUST_CHECK int addr_parse(const char *host, uint16_t port, struct addr *out);

#endif
