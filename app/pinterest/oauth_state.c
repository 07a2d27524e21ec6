/* Signed, expiring OAuth state. The signature is checked before anything else is read. */
#include "config.h"

#include "app/pinterest/oauth_state.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/keyring.h"
#include "lib/num.h"

#define LABEL "oauth.state"
#define SIGNATURE_SIZE 32
#define FIELDS 9

const char *
oauth_state_make(const struct keyring *keys, struct oauth_state *s, struct arena *mem)
{
	char project[UUID_TEXT_SIZE], user[UUID_TEXT_SIZE], account[UUID_TEXT_SIZE];
	char key[UUID_TEXT_SIZE], link[UUID_TEXT_SIZE];
	char nonce[2 * sizeof(s->nonce) + 1];
	char signature64[CRYPTO_BASE64_SIZE(SIGNATURE_SIZE)];
	unsigned char signature[SIGNATURE_SIZE];
	const char *payload;
	char *payload64;

	crypto_random(s->nonce, sizeof(s->nonce));
	payload =
	    arena_printf(mem, "3 %s %s %s %s %s %lld %s %s", uuid_format(&s->project_id, project),
		uuid_format(&s->user_id, user), uuid_format(&s->key_id, key),
		uuid_format(&s->account_id, account), uuid_format(&s->link_id, link),
		(long long)s->expires_us, crypto_hex(s->nonce, sizeof(s->nonce), nonce),
		s->return_to != NULL ? s->return_to : "");
	keyring_sign(keys, LABEL, payload, strlen(payload), signature);
	payload64 = arena_alloc(mem, CRYPTO_BASE64_SIZE(strlen(payload)));
	return arena_printf(mem, "%s.%s", crypto_base64url(payload, strlen(payload), payload64),
	    crypto_base64url(signature, sizeof(signature), signature64));
}

/* The payload, or NULL when the signature is wrong. */
static char *
payload_open(const struct keyring *keys, const char *text, struct arena *mem)
{
	unsigned char given[SIGNATURE_SIZE];
	const char *dot = strchr(text, '.');
	size_t room;
	char *payload;
	int len;

	if (dot == NULL || strlen(text) > OAUTH_STATE_MAX)
		return NULL;
	room = (size_t)(dot - text) + 1;
	payload = arena_alloc(mem, room);
	len = crypto_base64_decode(arena_strndup(mem, text, room - 1), true, payload, room - 1);
	if (len <= 0)
		return NULL;
	payload[len] = '\0';
	if (crypto_base64_decode(dot + 1, true, given, sizeof(given)) != SIGNATURE_SIZE)
		return NULL;
	return keyring_signed(keys, LABEL, payload, (size_t)len, given) ? payload : NULL;
}

static int
nonce_parse(const char *hex, unsigned char out[16])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < 32; i++) {
		const char *d = hex[i] != '\0' ? strchr(digits, hex[i]) : NULL;

		if (d == NULL)
			return -1;
		out[i / 2] = (unsigned char)((out[i / 2] << 4) | (d - digits));
	}
	return hex[32] == '\0' ? 0 : -1;
}

enum oauth_state_fault
oauth_state_read(const struct keyring *keys, const char *text, int64_t now_us, struct arena *mem,
    struct oauth_state *out)
{
	char *payload = payload_open(keys, text, mem);
	char *field[FIELDS];

	memset(out, 0, sizeof(*out));
	if (payload == NULL)
		return OAUTH_STATE_FORGED;
	for (size_t i = 0; i < FIELDS; i++) {
		char *end = i < FIELDS - 1 ? strchr(payload, ' ') : NULL;

		field[i] = payload;
		if (i == FIELDS - 1)
			break;
		if (end == NULL)
			return OAUTH_STATE_FORGED;
		*end = '\0';
		payload = end + 1;
	}
	if (strcmp(field[0], "3") != 0 || uuid_parse(field[1], &out->project_id) == -1 ||
	    uuid_parse(field[2], &out->user_id) == -1 || uuid_parse(field[3], &out->key_id) == -1 ||
	    uuid_parse(field[4], &out->account_id) == -1 ||
	    uuid_parse(field[5], &out->link_id) == -1 ||
	    num_parse(field[6], 0, INT64_MAX, &out->expires_us) == -1 ||
	    nonce_parse(field[7], out->nonce) == -1)
		return OAUTH_STATE_FORGED;
	out->return_to = field[8][0] != '\0' ? field[8] : NULL;
	return now_us < out->expires_us ? OAUTH_STATE_OK : OAUTH_STATE_EXPIRED;
}

/* A browser takes "..", also as "%2e%2e" and behind a backslash, as the folder above. */
static bool
has_folder_above(const char *url)
{
	const char *end = url + strcspn(url, "?#");

	for (const char *at = url; at < end; at++) {
		const char *dot = at + 1;
		int dots = 0;

		if (*at != '/' && *at != '\\')
			continue;
		for (; *dot == '.' || strncasecmp(dot, "%2e", 3) == 0; dots++)
			dot += *dot == '.' ? 1 : 3;
		if (dots == 2 && strchr("/\\?#", *dot) != NULL)
			return true;
	}
	return false;
}

static int
url_is_below(const char *prefix, size_t len, const char *url)
{
	const char *host = memmem(prefix, len, "://", 3);

	if (host == NULL || strncmp(prefix, url, len) != 0 || has_folder_above(url))
		return 0;
	if (memchr(host + 3, '/', len - (size_t)(host + 3 - prefix)) != NULL)
		return 1;
	return url[len] == '\0' || url[len] == '/' || url[len] == '?' || url[len] == '#';
}

int
oauth_state_return_allowed(const char *prefixes, const char *url)
{
	while (prefixes != NULL && *prefixes != '\0') {
		size_t n = strcspn(prefixes, ", ");

		if (n > 0 && url_is_below(prefixes, n, url))
			return 1;
		prefixes += n + (prefixes[n] != '\0');
	}
	return 0;
}
