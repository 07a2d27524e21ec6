#include "lib/addr.h"
#include "lib/own_addrs.h"

#include "tests/tap.h"

/* First and last address of each denied range, and the neighbours outside if those are public. */
static const struct {
	const char *before, *first, *last, *after;
} denied[] = {
	{ NULL, "0.0.0.0", "0.255.255.255", "1.0.0.0" },
	{ "9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0" },
	{ "100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0" },
	{ "126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0" },
	{ "169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0" },
	{ "172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0" },
	{ "191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0" },
	{ "192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0" },
	{ "192.31.195.255", "192.31.196.0", "192.31.196.255", "192.31.197.0" },
	{ "192.52.192.255", "192.52.193.0", "192.52.193.255", "192.52.194.0" },
	{ "192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0" },
	{ "192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0" },
	{ "192.175.47.255", "192.175.48.0", "192.175.48.255", "192.175.49.0" },
	{ "198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0" },
	{ "198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0" },
	{ "203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0" },
	{ "223.255.255.255", "224.0.0.0", "239.255.255.255", NULL },
	{ NULL, "240.0.0.0", "255.255.255.255", NULL },
	{ "168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17" },
	{ NULL, "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::" },
	{ NULL, "::1", "::ffff:ffff", NULL },
	{ NULL, "::ffff:0.0.0.0", "::ffff:255.255.255.255", NULL },
	{ NULL, "::ffff:127.0.0.1", "::ffff:8.8.8.8", NULL },
	{ NULL, "::127.0.0.1", "::8.8.8.8", NULL },
	{ NULL, "64:ff9b::", "64:ff9b::ffff:ffff", NULL },
	{ NULL, "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "100::", "100::ffff:ffff:ffff:ffff", NULL },
	{ "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::" },
	{ "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
	    "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::" },
	{ "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::" },
	{ NULL, "2002:808:808::", "2002:7f00:1::", NULL },
	{ "2620:4f:7fff:ffff:ffff:ffff:ffff:ffff",
	    "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "2620:4f:8001::" },
	{ "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::" },
	{ "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "4000::", "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
};

static const char *const allowed[] = { "1.1.1.1", "8.8.8.8", "100.0.0.1", "172.0.0.1", "192.0.66.1",
	"2606:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888" };

static const char *const never[] = { "169.254.169.254", "169.254.170.2", "169.254.170.23",
	"100.100.100.200", "168.63.129.16", "192.0.0.192", "0.0.0.0", "224.0.0.0",
	"239.255.255.255", "255.255.255.255", "::", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254",
	"ff00::", "ff02::1", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254",
	"64:ff9b::0.0.0.0", "64:ff9b:1:a9fe:a9:fe00::", "2002:a9fe:a9fe::1" };

static bool
judge(const struct addr_policy *policy, const char *host, uint16_t port)
{
	struct addr a;

	if (addr_parse(host, port, &a) == -1)
		return !ok(false, "%s parses", host);
	return addr_allowed(policy, &a);
}

/* Judges an address by the given allow rules, separated by blanks. */
static bool
judge_with(const char *rules, const char *host, uint16_t port)
{
	struct addr_rule rule[8];
	struct addr_policy policy = { .allow = rule };
	char text[64];

	for (size_t len; *rules != '\0'; rules += len + (rules[len] == ' ')) {
		len = strcspn(rules, " ");
		snprintf(text, sizeof text, "%.*s", (int)len, rules);
		if (addr_rule_parse(text, &rule[policy.allow_len++]) == -1)
			return ok(false, "rule %s parses", text);
	}
	return judge(&policy, host, port);
}

static void
test_default(void)
{
	struct addr_policy none = { 0 };

	for (size_t i = 0; i < sizeof denied / sizeof denied[0]; i++) {
		ok(!judge(NULL, denied[i].first, 443) && !judge(&none, denied[i].last, 443),
		    "denied: %s to %s", denied[i].first, denied[i].last);
		if (denied[i].before != NULL)
			ok(judge(&none, denied[i].before, 443), "public: %s", denied[i].before);
		if (denied[i].after != NULL)
			ok(judge(&none, denied[i].after, 443), "public: %s", denied[i].after);
	}
	for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
		ok(judge(NULL, allowed[i], 443), "public: %s", allowed[i]);
}

static void
test_rules(void)
{
	static const struct {
		const char *rules, *host;
		uint16_t port;
		bool want;
	} cases[] = {
		{ "10.0.0.5/32:8443", "10.0.0.5", 8443, true },
		{ "10.0.0.5/32:8443", "10.0.0.5", 443, false },
		{ "10.0.0.5/32:8443", "10.0.0.6", 8443, false },
		{ "10.0.0.5", "10.0.0.5", 1, true },
		{ "10.0.0.5", "10.0.0.4", 1, false },
		{ "10.0.0.0/8", "10.255.255.255", 80, true },
		{ "10.0.0.0/8", "11.0.0.0", 80, true }, /* public without a rule */
		{ "192.168.0.0/23", "192.168.1.255", 80, true },
		{ "192.168.0.0/23", "192.168.2.0", 80, false },
		{ "192.168.1.77/24", "192.168.1.1", 80,
		    true }, /* bits after the prefix are ignored */
		{ "172.16.0.0/12", "172.31.255.255", 80, true },
		{ "127.0.0.1/32:8099", "127.0.0.1", 8099, true },
		{ "127.0.0.1/32:8099", "127.0.0.2", 8099, false },
		{ "127.0.0.1/32:8099", "::1", 8099, false },
		{ "127.0.0.1/32:8099", "::ffff:127.0.0.1", 8099, false },
		{ "[::1]/128:80", "::1", 80, true },
		{ "[::1]/128:80", "::1", 81, false },
		{ "[::1]:80", "::1", 80, true },
		{ "[fd00::]/8", "fdff::1", 9, true },
		{ "[fd00::]/8", "fc00::1", 9, false },
		{ "[fd00::]/8", "253.0.0.1", 9, false },
		{ "10.0.0.0/8", "a00::1", 9, false },
		{ "10.1.1.1 127.0.0.1/32:8099", "127.0.0.1", 8099, true },
		{ "10.1.1.1:1 10.1.1.1:2", "10.1.1.1", 2, true },
		{ "10.1.1.1:1 10.1.1.1:2", "10.1.1.1", 3, false },
		/* A translated or mapped address is judged by both of its readings. */
		{ "[64:ff9b::]/96", "64:ff9b::8.8.8.8", 443, true },
		{ "[64:ff9b::]/96", "64:ff9b::127.0.0.1", 443, false },
		{ "[64:ff9b::]/96 127.0.0.0/8", "64:ff9b::127.0.0.1", 443, true },
		{ "[64:ff9b:1::]/48", "64:ff9b:1:808:8:800::", 443, true },
		{ "[64:ff9b:1::]/48", "64:ff9b:1:7f00:0:100::", 443, false },
		{ "[::ffff:0:0]/96", "::ffff:10.0.0.1", 443, false },
		{ "[::ffff:0:0]/96 10.0.0.0/8", "::ffff:10.0.0.1", 443, true },
		{ "[2002::]/16", "2002:7f00:1::", 443, false },
		{ "0.0.0.0/0", "0.0.0.1", 80, true },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ok(judge_with(cases[i].rules, cases[i].host, cases[i].port) == cases[i].want,
		    "with %s: %s port %d %s", cases[i].rules, cases[i].host, cases[i].port,
		    cases[i].want ? "passes" : "does not");
	for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
		ok(!judge_with("0.0.0.0/0 [::]/0", never[i], 80), "never allowed: %s", never[i]);
	ok(judge_with("0.0.0.0/0 [::]/0", "10.0.0.1", 80) &&
		judge_with("0.0.0.0/0 [::]/0", "fe80::1", 80),
	    "every other address can be allowed");
}

/* The host's own addresses: public ones are denied, rules allow them, the rest is as before. */
static void
test_own(void)
{
	struct addr list[2], other;
	struct addr_rule rule;
	struct addr_policy policy = { 0 };

	ok(addr_parse("8.8.4.4", 0, &list[0]) == 0 && addr_parse("2600::1", 0, &list[1]) == 0 &&
		addr_parse("10.0.0.1", 443, &other) == 0,
	    "addresses parse");
	policy.own = own_addrs_given(list, 2);
	ok(!judge(&policy, "8.8.4.4", 443) && !judge(&policy, "2600::1", 8080),
	    "own addresses are denied, whatever the port");
	ok(judge(&policy, "8.8.4.5", 443) && judge(&policy, "2600::2", 443), "others are not");
	ok(!judge(&policy, "::ffff:8.8.4.4", 443), "a mapped one is denied");
	ok(addr_parse("8.8.4.4", 443, &list[0]) == 0 && addr_is_own(&policy, &list[0]),
	    "an own one is known as that");
	ok(!addr_is_own(&policy, &other) && !addr_is_own(NULL, &other), "a private one is not");
	ok(addr_rule_parse("8.8.4.4/32:443", &rule) == 0, "a rule parses");
	policy.allow = &rule;
	policy.allow_len = 1;
	ok(judge(&policy, "8.8.4.4", 443) && !judge(&policy, "8.8.4.4", 444),
	    "the operator can allow one");
	ok(addr_rule_parse("[64:ff9b::]/96", &rule) == 0 &&
		!judge(&policy, "64:ff9b::8.8.4.4", 443) && judge(&policy, "64:ff9b::8.8.4.5", 443),
	    "an allowed translator is no way round it");
	own_addrs_free(policy.own);
	own_addrs_free(NULL);
}

static void
test_own_of_this_host(void)
{
	struct own_addrs *own = own_addrs_new();
	struct addr loopback, other;

	ok(addr_parse("127.0.0.1", 80, &loopback) == 0 && addr_parse("192.0.2.77", 80, &other) == 0,
	    "addresses parse");
	ok(own_addrs_have(own, &loopback), "the interfaces of this host are read");
	ok(own_addrs_have(own, &loopback), "and kept");
	ok(!own_addrs_have(own, &other) && !own_addrs_have(NULL, &loopback),
	    "others are not its own");
	own_addrs_free(own);
}

static void
test_parse(void)
{
	static const char *const rules[] = {
		"", "/8", ":80", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
		"10.0.0.0/8:", "10.0.0.0/8:0", "10.0.0.0/8:65536", "10.0.0.0:80/8", "10.0.0/8",
		"10.0.0.0/8 ", " 10.0.0.0/8", "10.0.0.0/8/8", "10.0.0.0/8:80:80", "fd00::/8",
		"[fd00::/8", "[fd00::]8", "[fd00::]/129", "[10.0.0.0]/8", "[]/8", "[",
		"example.com/32", "0x7f.0.0.1/32", "10.0.0.0/0x8", "[fe80::1%lo]/128",
		"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]/128:65535/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	};
	static const char *const hosts[] = { "", "127.1", "2130706433", "0x7f000001", "0177.0.0.1",
		"127.0.0.1.", "256.0.0.1", "[::1]", "::1%lo", "localhost", "1.2.3.4 ", ":::" };
	struct addr_rule r = { .prefix_bits = 77 };
	struct addr a;

	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		ok(addr_rule_parse(rules[i], &r) == -1 && r.prefix_bits == 77, "no rule: %s",
		    rules[i]);
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
		ok(addr_parse(hosts[i], 1, &a) == -1, "no address: %s", hosts[i]);
	ok(addr_rule_parse("[fd00::]/8:65535", &r) == 0 && r.net.family == ADDR_V6 &&
		r.net.b[0] == 0xfd && r.prefix_bits == 8 && r.net.port == 65535,
	    "a rule is parsed into its parts");
	ok(addr_parse("1.2.3.4", 80, &a) == 0 && a.family == ADDR_V4 && a.port == 80 &&
		memcmp(a.b, "\1\2\3\4", 4) == 0,
	    "an address is parsed into its parts");
}

int
main(void)
{
	test_default();
	test_rules();
	test_parse();
	test_own();
	test_own_of_this_host();
	return tap_done();
}
