#include "lib/client_prefix.h"

#include "tests/tap.h"

int
main(void)
{
	static const struct {
		const char *address, *prefix;
	} cases[] = {
		{ "203.0.113.7", "203.0.113.0/24" },
		{ "203.0.113.255", "203.0.113.0/24" },
		{ "127.0.0.1", "127.0.0.0/24" },
		{ "::ffff:203.0.113.7", "203.0.113.0/24" },
		{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
		{ "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64" },
		{ "2001:db8:1:3::1", "2001:db8:1:3::/64" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff::/64" },
		{ "::1", "::/64" },
		{ "", "unknown" },
		{ "unix:", "unknown" },
		{ "203.0.113.7, 198.51.100.1", "unknown" },
		{ "203.0.113.7:80", "unknown" },
	};
	char text[CLIENT_PREFIX_SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_str(client_prefix(cases[i].address, text), cases[i].prefix, cases[i].address);
	return tap_done();
}
