/*
 * Which addresses may be connected to, as tables. Checked in this order: addresses that are always
 * denied, addresses the operator allows, the host's own, public addresses.
 */
#include "lib/addr.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/num.h"
#include "lib/own_addrs.h"

#define TEXT_MAX 64

struct range {
	unsigned char b[16];
	unsigned bits;
};

#define V4(a, b, c, d, bits)                                                                       \
	{                                                                                          \
		{ a, b, c, d }, bits                                                               \
	}

static const struct range v4_denied[] = {
	V4(0, 0, 0, 0, 8),
	V4(10, 0, 0, 0, 8),
	V4(100, 64, 0, 0, 10),
	V4(127, 0, 0, 0, 8),
	V4(169, 254, 0, 0, 16),
	V4(172, 16, 0, 0, 12),
	V4(192, 0, 0, 0, 24),
	V4(192, 0, 2, 0, 24),
	V4(192, 31, 196, 0, 24),
	V4(192, 52, 193, 0, 24),
	V4(192, 88, 99, 0, 24),
	V4(192, 168, 0, 0, 16),
	V4(192, 175, 48, 0, 24),
	V4(198, 18, 0, 0, 15),
	V4(198, 51, 100, 0, 24),
	V4(203, 0, 113, 0, 24),
	V4(224, 0, 0, 0, 4),
	V4(240, 0, 0, 0, 4),
};

static const struct range v4_never[] = {
	V4(0, 0, 0, 0, 32),
	V4(100, 100, 100, 200, 32), /* Alibaba metadata */
	V4(168, 63, 129, 16, 32),   /* Azure platform: a public address */
	V4(169, 254, 169, 254, 32), /* metadata nearly everywhere */
	V4(169, 254, 170, 2, 32),   /* ECS task credentials */
	V4(169, 254, 170, 23, 32),  /* EKS pod identity */
	V4(192, 0, 0, 192, 32),     /* Oracle metadata */
	V4(224, 0, 0, 0, 4),
	V4(255, 255, 255, 255, 32),
};

static const struct range v6_global = { { 0x20 }, 3 };

static const struct range v6_denied[] = {
	{ { 0x20, 0x01 }, 23 }, /* IETF: Teredo, ORCHID, benchmarking */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, { { 0x20, 0x02 }, 16 },       /* 6to4 */
	{ { 0x3f, 0xff }, 20 }, { { 0x26, 0x20, 0x00, 0x4f, 0x80 }, 48 }, /* AS112 */
};

static const struct range v6_never[] = {
	{ { 0 }, 128 },
	{ { 0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, 0x54 }, 128 }, /* AWS metadata */
	{ { 0xfd, 0x00, 0x0e, 0xc2, [15] = 0x23 }, 128 },       /* EKS pod identity */
	{ { 0xfd, 0x20, 0x00, 0xce, [14] = 0x02, 0x54 }, 128 }, /* Google metadata */
	{ { 0xff }, 8 },
};

/* IPv6 ranges that embed an IPv4 address, and the positions of its four bytes. */
static const struct carrier {
	struct range range;
	unsigned char at[4];
} carriers[] = {
	{ { { [10] = 0xff, 0xff }, 96 }, { 12, 13, 14, 15 } },               /* mapped */
	{ { { 0x00, 0x64, 0xff, 0x9b }, 96 }, { 12, 13, 14, 15 } },          /* NAT64 */
	{ { { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 }, 48 }, { 6, 7, 9, 10 } }, /* NAT64, local */
	{ { { 0x20, 0x02 }, 16 }, { 2, 3, 4, 5 } },                          /* 6to4 */
};

static bool
prefix_equal(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned bytes = bits / 8, rest = bits % 8;

	if (memcmp(a, b, bytes) != 0)
		return false;
	return rest == 0 || (a[bytes] ^ b[bytes]) >> (8 - rest) == 0;
}

static bool
addr_in_any(const struct addr *a, const struct range *ranges, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (prefix_equal(a->b, ranges[i].b, ranges[i].bits))
			return true;
	}
	return false;
}

#define IN(a, ranges) addr_in_any(a, ranges, sizeof(ranges) / sizeof((ranges)[0]))

static bool
rule_matches(const struct addr_policy *policy, const struct addr *a)
{
	if (policy == NULL)
		return false;
	for (size_t i = 0; i < policy->allow_len; i++) {
		const struct addr_rule *r = &policy->allow[i];

		if (r->net.family == a->family && (r->net.port == 0 || r->net.port == a->port) &&
		    prefix_equal(r->net.b, a->b, r->prefix_bits))
			return true;
	}
	return false;
}

static bool
is_own(const struct addr_policy *policy, const struct addr *a)
{
	return policy != NULL && own_addrs_have(policy->own, a);
}

static bool
v4_allowed(const struct addr_policy *policy, const struct addr *a)
{
	if (IN(a, v4_never))
		return false;
	return rule_matches(policy, a) || (!IN(a, v4_denied) && !is_own(policy, a));
}

/* An allowed translator must not bypass the IPv4 rules: the embedded address is checked too. */
static bool
carried_v4_allowed(const struct addr_policy *policy, const struct addr *a)
{
	for (size_t i = 0; i < sizeof carriers / sizeof carriers[0]; i++) {
		const struct carrier *c = &carriers[i];
		struct addr inner = { .family = ADDR_V4, .port = a->port };

		if (!prefix_equal(a->b, c->range.b, c->range.bits))
			continue;
		for (unsigned k = 0; k < 4; k++)
			inner.b[k] = a->b[c->at[k]];
		return v4_allowed(policy, &inner);
	}
	return true;
}

static bool
v6_allowed(const struct addr_policy *policy, const struct addr *a)
{
	if (IN(a, v6_never))
		return false;
	if (rule_matches(policy, a))
		return carried_v4_allowed(policy, a);
	return prefix_equal(a->b, v6_global.b, v6_global.bits) && !IN(a, v6_denied) &&
	       !is_own(policy, a);
}

bool
addr_allowed(const struct addr_policy *policy, const struct addr *a)
{
	switch (a->family) {
	case ADDR_V4: return v4_allowed(policy, a);
	case ADDR_V6: return v6_allowed(policy, a);
	}
	return false;
}

bool
addr_is_own(const struct addr_policy *policy, const struct addr *a)
{
	struct addr_policy others;

	if (policy == NULL || addr_allowed(policy, a))
		return false;
	others = *policy;
	others.own = NULL;
	return addr_allowed(&others, a);
}

int
addr_parse(const char *host, uint16_t port, struct addr *out)
{
	struct addr a = { .port = port };

	if (inet_pton(AF_INET, host, a.b) == 1)
		a.family = ADDR_V4;
	else if (inet_pton(AF_INET6, host, a.b) == 1)
		a.family = ADDR_V6;
	else
		return -1;
	*out = a;
	return 0;
}

/* "/bits", ":port", both or neither; cuts the text. */
static int
parse_tail(char *tail, struct addr_rule *out)
{
	int64_t bits = out->net.family == ADDR_V4 ? 32 : 128, port = 0;
	char *colon = strchr(tail, ':');

	if (colon != NULL) {
		*colon = '\0';
		if (num_parse(colon + 1, 1, UINT16_MAX, &port) == -1)
			return -1;
	}
	if (*tail != '\0' && (*tail != '/' || num_parse(tail + 1, 0, bits, &bits) == -1))
		return -1;
	out->prefix_bits = (unsigned)bits;
	out->net.port = (uint16_t)port;
	return 0;
}

int
addr_rule_parse(const char *text, struct addr_rule *out)
{
	bool bracketed = *text == '[';
	char copy[TEXT_MAX], *host = copy + bracketed, *end;
	char tail[TEXT_MAX];
	struct addr_rule rule;

	if (strlen(text) >= sizeof copy)
		return -1;
	memcpy(copy, text, strlen(text) + 1);
	end = bracketed ? strchr(host, ']') : host + strcspn(host, "/:");
	if (end == NULL)
		return -1;
	memcpy(tail, end + bracketed, strlen(end + bracketed) + 1);
	*end = '\0';
	if (addr_parse(host, 0, &rule.net) == -1 || bracketed != (rule.net.family == ADDR_V6) ||
	    parse_tail(tail, &rule) == -1)
		return -1;
	*out = rule;
	return 0;
}
