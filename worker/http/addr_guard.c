/* Applies the address policy to peers. Invariant: an address that cannot be read is not allowed. */
#include "worker/http/addr_guard.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static bool
read_address(const struct sockaddr *from, size_t len, struct addr *to)
{
	struct sockaddr_in four;
	struct sockaddr_in6 six;

	memset(to, 0, sizeof(*to));
	if (from->sa_family == AF_INET && len >= sizeof(four)) {
		memcpy(&four, from, sizeof(four));
		to->family = ADDR_V4;
		to->port = ntohs(four.sin_port);
		memcpy(to->b, &four.sin_addr, sizeof(four.sin_addr));
		return true;
	}
	if (from->sa_family == AF_INET6 && len >= sizeof(six)) {
		memcpy(&six, from, sizeof(six));
		to->family = ADDR_V6;
		to->port = ntohs(six.sin6_port);
		memcpy(to->b, &six.sin6_addr, sizeof(six.sin6_addr));
		return true;
	}
	return false;
}

bool
addr_guard_sockaddr(const struct addr_policy *policy, const struct sockaddr *to, size_t len)
{
	struct addr a;

	return policy == NULL || (read_address(to, len, &a) && addr_allowed(policy, &a));
}

bool
addr_guard_own(const struct addr_policy *policy, const struct sockaddr *to, size_t len)
{
	struct addr a;

	return read_address(to, len, &a) && addr_is_own(policy, &a);
}

bool
addr_guard_text(const struct addr_policy *policy, const char *ip, int port)
{
	struct addr a;

	if (policy == NULL)
		return true;
	return port > 0 && port <= 65535 && addr_parse(ip, (uint16_t)port, &a) == 0 &&
	       addr_allowed(policy, &a);
}
