/*
 * URLs, parsed by libcurl, so that the checks see what libcurl will connect to. Text that parsers
 * are known to read differently (backslashes, userinfo, odd slashes) is refused before parsing.
 */
#include "lib/url.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "lib/arena.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/text.h"
#include "lib/utf8.h"

#define ASCII_BLANKS " \t\r\n"

/* The target of a connection. */
struct target {
	bool https;
	bool zone;
	uint16_t port;
	char host[256]; /* lower case, no brackets, no trailing dots */
};

/* The authority of a URL: up to the path. In a query or path anything but blanks may occur. */
static const char *
authority_fault(const char *text, size_t len)
{
	const char *colon = memchr(text, ':', len);
	size_t host_len = colon != NULL ? (size_t)(colon - text) : len;
	bool open = colon == NULL || host_len + 1 == len; /* no port */

	if (len == 0)
		return "must have a host";
	if (memchr(text, '@', len) != NULL)
		return "must not contain a user name or password";
	if (memchr(text, '\\', len) != NULL)
		return "must not have a backslash in its host";
	if (open && strncmp(text + len, "//", 2) == 0 &&
	    ((host_len == 5 && strncasecmp(text, "https", 5) == 0) ||
		(host_len == 4 && strncasecmp(text, "http", 4) == 0) || colon != NULL))
		return "must not begin twice: it has a second \"://\" where its host should be";
	if (text[0] != '[' && memchr(text, '%', len) != NULL)
		return "must not have a percent sign in its host";
	return host_len == 0 ? "must have a host" : NULL;
}

static const char *
unseen_fault(const char *url, size_t len, struct arena *mem)
{
	uint32_t c;
	size_t at;

	if (!utf8_valid(url, len))
		return "must be valid UTF-8";
	if (!text_find_unseen(url, len, &c, &at))
		return NULL;
	if (mem == NULL)
		return "must not contain blanks or characters that cannot be seen";
	return arena_printf(mem,
	    "must not contain blanks or characters that cannot be seen: U+%04X at character %zu",
	    (unsigned)c, at);
}

static const char *
text_fault(const char *url, struct arena *mem)
{
	size_t len = strlen(url), scheme_len;
	const char *fault = unseen_fault(url, len, mem);

	if (fault != NULL)
		return fault;
	if (utf8_length(url, len) > URL_MAX)
		return "must have at most 2048 characters";
	if (strncasecmp(url, "https://", 8) == 0)
		scheme_len = 8;
	else if (strncasecmp(url, "http://", 7) == 0)
		scheme_len = 7;
	else
		return "must begin with http:// or https://";
	return authority_fault(url + scheme_len, strcspn(url + scheme_len, "/?#"));
}

static const char *
code_fault(CURLUcode code)
{
	if (code == CURLUE_OUT_OF_MEMORY)
		panic("curl_url: out of memory");
	return code == CURLUE_BAD_PORT_NUMBER ? "must have a valid port" : "must have a valid host";
}

static void
copy_host(struct target *t, const char *host)
{
	size_t len = strlen(host);

	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	while (len > 0 && host[len - 1] == '.')
		len--;
	if (len >= sizeof t->host)
		len = 0;
	for (size_t i = 0; i < len; i++)
		t->host[i] = host[i] >= 'A' && host[i] <= 'Z' ? (char)(host[i] + 32) : host[i];
	t->host[len] = '\0';
}

/* NULL: no dot too many, which the resolver would refuse. */
static const char *
host_fault(const char *host)
{
	if (host[0] == '\0')
		return "must have a host";
	return host[0] == '.' || strstr(host, "..") != NULL ? "must have a valid host" : NULL;
}

/* Checks and parses a URL. NULL or the fault. */
static const char *
parse_url(const char *url, struct target *out, struct arena *mem)
{
	const char *fault = text_fault(url, mem);
	char *host = NULL, *port = NULL, *zone = NULL;
	CURLU *handle = NULL;
	CURLUcode code;
	int64_t number;

	if (fault != NULL)
		return fault;
	handle = curl_url();
	if (handle == NULL)
		panic("curl_url: out of memory");
	code = curl_url_set(handle, CURLUPART_URL, url, CURLU_DISALLOW_USER);
	if (code == CURLUE_OK)
		code = curl_url_get(handle, CURLUPART_HOST, &host, 0);
	if (code == CURLUE_OK)
		code = curl_url_get(handle, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
	if (code != CURLUE_OK) {
		fault = code_fault(code);
		goto out;
	}
	if (num_parse(port, 1, UINT16_MAX, &number) == -1) {
		fault = "must have a valid port";
		goto out;
	}
	out->port = (uint16_t)number;
	out->https = strncasecmp(url, "https:", 6) == 0;
	out->zone = curl_url_get(handle, CURLUPART_ZONEID, &zone, 0) == CURLUE_OK;
	copy_host(out, host);
	fault = host_fault(out->host);
out:
	curl_free(zone);
	curl_free(port);
	curl_free(host);
	curl_url_cleanup(handle);
	return fault;
}

const char *
url_fault(const char *url, struct arena *mem)
{
	struct target t;

	return parse_url(url, &t, mem);
}

const char *
url_trim(const char *text, size_t len, struct arena *mem)
{
	while (len > 0 && strchr(ASCII_BLANKS, *text) != NULL && *text != '\0') {
		text++;
		len--;
	}
	while (len > 0 && strchr(ASCII_BLANKS, text[len - 1]) != NULL && text[len - 1] != '\0')
		len--;
	return arena_strndup(mem, text, len);
}

const char *
url_host(const char *url, struct arena *mem)
{
	struct target t;

	return parse_url(url, &t, NULL) == NULL ? arena_strdup(mem, t.host) : NULL;
}

static bool
is_localhost(const char *host)
{
	static const char name[] = "localhost";
	size_t len = strlen(host), name_len = sizeof name - 1;

	return len >= name_len && strcmp(host + len - name_len, name) == 0 &&
	       (len == name_len || host[len - name_len - 1] == '.');
}

/* True and *out when the host can be resolved without a name server. */
static bool
literal_of(const struct target *t, struct addr *out)
{
	struct in_addr v4;

	if (addr_parse(t->host, t->port, out) == 0)
		return true;
	if (is_localhost(t->host))
		return addr_parse("127.0.0.1", t->port, out) == 0;
	/* Reads octal, hexadecimal and short forms like the resolver. */
	if (inet_aton(t->host, &v4) == 0)
		return false;
	*out = (struct addr){ .family = ADDR_V4, .port = t->port };
	memcpy(out->b, &v4, 4);
	return true;
}

static bool
port_named(const struct addr_policy *policy, uint16_t port)
{
	for (size_t i = 0; policy != NULL && i < policy->allow_len; i++) {
		if (policy->allow[i].net.port == port)
			return true;
	}
	return false;
}

/* Ports below 1024, and these, are commonly used by other protocols. */
static bool
port_allowed(const struct target *t, bool allow_http, const struct addr_policy *policy)
{
	static const uint16_t others[] = { 1433, 1521, 2049, 2375, 2376, 2379, 3306, 3389, 5432,
		5672, 6379, 6443, 9000, 9200, 10250, 11211, 27017 };

	if (port_named(policy, t->port) || t->port == 443 || (allow_http && t->port == 80))
		return true;
	if (t->port < 1024)
		return false;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (others[i] == t->port)
			return false;
	}
	return true;
}

/* Metadata services and the like: no rule of the operator can allow them. */
static bool
never_allowed(const struct addr *a)
{
	struct addr_rule all = { .net = { .family = a->family } };
	const struct addr_policy policy = { .allow = &all, .allow_len = 1 };

	return !addr_allowed(&policy, a);
}

const char *
url_target_fault(const char *url, bool allow_http, const struct addr_policy *policy)
{
	struct target t;
	const char *fault = parse_url(url, &t, NULL);
	struct addr a;

	if (fault != NULL)
		return fault;
	if (!t.https && !allow_http)
		return "must begin with https:// (http:// only if the operator sets "
		       "[webhooks] allow_http)";
	for (const char *p = t.host; *p != '\0'; p++) {
		/* IDNA maps full-width and circled digits to plain ones, which would bypass the
		 * checks. */
		if ((unsigned char)*p >= 0x80)
			return "must have a host in ASCII (use its xn-- form)";
	}
	if (t.zone)
		return "must not point to a link-local address";
	if (literal_of(&t, &a) && !addr_allowed(policy, &a))
		return never_allowed(&a)
			   ? "must not point to a metadata service, multicast or the "
			     "like; these are never called"
			   : "must not point to a private or reserved address, or one "
			     "of this host (only if the operator lists it in "
			     "[outbound] allow)";
	if (!port_allowed(&t, allow_http, policy))
		return "must use a port for web traffic: 443 or from 1024 up (others only if the "
		       "operator names the port in [outbound] allow)";
	return NULL;
}

static bool
is_same_host(const struct target *t, const struct target *base)
{
	struct addr a, b;

	if (literal_of(t, &a) && literal_of(base, &b))
		return a.family == b.family && memcmp(a.b, b.b, sizeof a.b) == 0;
	return strcmp(t->host, base->host) == 0;
}

/* http and https of one host are one, on their usual ports. */
static bool
is_same_port(const struct target *t, const struct target *base)
{
	bool usual = t->port == 80 || t->port == 443;

	return t->port == base->port || (usual && (base->port == 80 || base->port == 443));
}

/* The decoded path, with one slash for several and none at its end. */
static char *
plain_path(const char *url, struct arena *mem)
{
	CURLU *handle = curl_url();
	char *path = NULL, *plain = NULL;
	size_t len = 0;

	if (handle == NULL)
		panic("curl_url: out of memory");
	if (curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(handle, CURLUPART_PATH, &path, CURLU_URLDECODE) == CURLUE_OK)
		plain = arena_strdup(mem, path);
	for (const char *p = plain; p != NULL && *p != '\0'; p++)
		if (*p != '/' || len == 0 || plain[len - 1] != '/')
			plain[len++] = *p;
	if (len > 0 && plain[len - 1] == '/')
		len--;
	if (plain != NULL)
		plain[len] = '\0';
	curl_free(path);
	curl_url_cleanup(handle);
	return plain;
}

bool
url_is_under(const char *url, const char *base)
{
	struct arena *mem = arena_new();
	struct target t, b;
	const char *path, *top;
	bool under = false;

	if (parse_url(url, &t, NULL) == NULL && parse_url(base, &b, NULL) == NULL &&
	    is_same_host(&t, &b) && is_same_port(&t, &b)) {
		path = plain_path(url, mem);
		top = plain_path(base, mem);
		/* A path that does not decode cannot be told apart. */
		under = path == NULL || top == NULL ||
			(strncmp(path, top, strlen(top)) == 0 &&
			    (path[strlen(top)] == '\0' || path[strlen(top)] == '/'));
	}
	arena_free(mem);
	return under;
}

bool
url_is_private(const char *url, const struct addr_policy *policy)
{
	struct addr_policy others = policy != NULL ? *policy : (struct addr_policy){ 0 };
	struct target t;
	struct addr a;

	others.own = NULL; /* it may be public */
	return parse_url(url, &t, NULL) == NULL &&
	       (t.zone || (literal_of(&t, &a) && !addr_allowed(&others, &a)));
}

char *
url_join(const char *base, const char *to, struct arena *mem)
{
	CURLU *handle = curl_url();
	char *whole = NULL, *joined = NULL;

	if (handle == NULL)
		panic("curl_url: out of memory");
	if ((base == NULL || curl_url_set(handle, CURLUPART_URL, base, 0) == CURLUE_OK) &&
	    curl_url_set(handle, CURLUPART_URL, to, CURLU_URLENCODE) == CURLUE_OK &&
	    curl_url_get(handle, CURLUPART_URL, &whole, 0) == CURLUE_OK &&
	    url_fault(whole, NULL) == NULL)
		joined = arena_strdup(mem, whole);
	curl_free(whole);
	curl_url_cleanup(handle);
	return joined;
}

char *
url_encode(const char *text, struct arena *mem)
{
	static const char digits[] = "0123456789ABCDEF";
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-._~";
	char *out = arena_alloc(mem, 3 * strlen(text) + 1), *p = out;

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (strchr(plain, c) != NULL) {
			*p++ = *text;
		} else {
			*p++ = '%';
			*p++ = digits[c >> 4];
			*p++ = digits[c & 15];
		}
	}
	return out;
}

static int
percent_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

char *
url_decode(const char *text, size_t len, bool form, struct arena *mem)
{
	char *out = arena_alloc(mem, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '%') {
			int high = len - i > 2 ? percent_digit(text[i + 1]) : -1;
			int low = high != -1 ? percent_digit(text[i + 2]) : -1;

			if (low == -1)
				return NULL;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && form) {
			c = ' ';
		}
		if (c == '\0')
			return NULL;
		out[n++] = c;
	}
	return utf8_valid(out, n) ? out : NULL;
}
