/* Addresses of sockets and of peers as libcurl reports them; addr_allowed() itself: tests/lib. */
#include "worker/http/addr_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/tap.h"

static const struct addr_policy none = { 0 };

static bool
v4_allowed(const struct addr_policy *policy, const char *text, size_t len)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(443) };

	inet_pton(AF_INET, text, &a.sin_addr);
	return addr_guard_sockaddr(policy, (struct sockaddr *)&a, len);
}

static bool
v6_allowed(const char *text, size_t len)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(443) };

	inet_pton(AF_INET6, text, &a.sin6_addr);
	return addr_guard_sockaddr(&none, (struct sockaddr *)&a, len);
}

static void
test_sockaddr(void)
{
	struct sockaddr_un local = { .sun_family = AF_UNIX };

	ok(v4_allowed(&none, "93.184.216.34", sizeof(struct sockaddr_in)), "a public IPv4");
	ok(!v4_allowed(&none, "127.0.0.1", sizeof(struct sockaddr_in)), "the loopback is denied");
	ok(!v4_allowed(&none, "93.184.216.34", sizeof(struct sockaddr_in) - 1),
	    "a truncated IPv4 address is denied");
	ok(v6_allowed("2606:2800:220:1::1", sizeof(struct sockaddr_in6)), "a public IPv6");
	ok(!v6_allowed("fe80::1", sizeof(struct sockaddr_in6)), "a link-local IPv6 is denied");
	ok(!v6_allowed("::ffff:10.0.0.1", sizeof(struct sockaddr_in6)),
	    "a private IPv4 inside an IPv6 is denied");
	ok(!v6_allowed("2606:2800:220:1::1", sizeof(struct sockaddr_in6) - 1),
	    "a truncated IPv6 address is denied");
	ok(!addr_guard_sockaddr(&none, (struct sockaddr *)&local, sizeof(local)),
	    "another address family is denied");
	ok(addr_guard_sockaddr(NULL, (struct sockaddr *)&local, sizeof(local)),
	    "without a policy everything is allowed");
}

static void
test_port_of_rule(void)
{
	struct addr_rule rule;
	struct addr_policy policy = { .allow = &rule, .allow_len = 1 };

	ok(addr_rule_parse("127.0.0.1/32:443", &rule) == 0, "a rule for port 443");
	ok(v4_allowed(&policy, "127.0.0.1", sizeof(struct sockaddr_in)),
	    "the port of a socket address is compared in host order");
	ok(addr_rule_parse("127.0.0.1/32:80", &rule) == 0, "a rule for port 80");
	ok(!v4_allowed(&policy, "127.0.0.1", sizeof(struct sockaddr_in)), "another port is denied");
}

static void
test_text(void)
{
	static const struct {
		const char *ip;
		int port;
		bool want;
	} rows[] = { { "93.184.216.34", 443, true }, { "2606:2800:220:1::1", 443, true },
		{ "10.0.0.1", 443, false }, { "::1", 443, false }, { "169.254.169.254", 80, false },
		{ "93.184.216.34", 0, false }, { "93.184.216.34", -1, false },
		{ "93.184.216.34", 65536, false }, { "", 443, false },
		{ "example.com", 443, false }, { "93.184.216.34 ", 443, false } };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_int(addr_guard_text(&none, rows[i].ip, rows[i].port), rows[i].want, rows[i].ip);
	ok(addr_guard_text(NULL, "::1", 0), "without a policy every peer is allowed");
}

int
main(void)
{
	test_sockaddr();
	test_port_of_rule();
	test_text();
	return tap_done();
}
