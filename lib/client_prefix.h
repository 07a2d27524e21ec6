#ifndef LIB_CLIENT_PREFIX_H
#define LIB_CLIENT_PREFIX_H

/* The network of a client: all that one subscriber can be expected to have. Pure. */

#define CLIENT_PREFIX_SIZE 64

/*
 * The prefix of a numeric address, as text: "203.0.113.0/24", "2001:db8:1:2::/64". An IPv4 address
 * that is mapped into IPv6 counts as IPv4. "unknown" for anything else. Returns out.
 */
const char *client_prefix(const char *address, char out[CLIENT_PREFIX_SIZE]);

#endif
