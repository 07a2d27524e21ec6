/* Entity tags. */
#include "app/http/etag.h"

#include <json-c/json.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/json.h"

const char *
etag_make(struct arena *mem, const void *body, size_t len, int64_t version)
{
	unsigned char both[SHA256_SIZE + sizeof(version)], hash[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];

	crypto_sha256(body, len, both);
	memcpy(both + SHA256_SIZE, &version, sizeof(version));
	crypto_sha256(both, sizeof(both), hash);
	(void)crypto_hex(hash, 16, hex);
	return arena_printf(mem, "\"%s\"", hex);
}

const char *
etag_json(struct arena *mem, struct json_object *body, int64_t version)
{
	size_t len;
	const char *text = json_dump(body, &len), *etag = etag_make(mem, text, len, version);

	json_object_put(body);
	return etag;
}

/* Is the tag in the list? `weakly`: W/ does not matter. */
static bool
etag_listed(const char *header, const char *etag, bool weakly)
{
	size_t len = strlen(etag), n;

	if (header == NULL)
		return false;
	for (; *header != '\0'; header += n + (header[n] == ',')) {
		header += strspn(header, " \t");
		n = strcspn(header, ",");
		if (*header == '*')
			return true;
		if (weakly && strncmp(header, "W/", 2) == 0) {
			header += 2;
			n -= 2;
		}
		if (n >= len && strncmp(header, etag, len) == 0 &&
		    strspn(header + len, " \t") == n - len)
			return true;
	}
	return false;
}

bool
etag_meant(const char *if_match, const char *etag)
{
	return etag_listed(if_match, etag, false);
}

bool
etag_known(const char *if_none_match, const char *etag)
{
	return etag_listed(if_none_match, etag, true);
}
