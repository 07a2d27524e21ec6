#include "lib/sandbox_name.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/crypto.h"

static const char name_label[] = "sandbox_user";

/* The short name does not depend on the secret: a new one leaves each project its user. */
static const char *
project_name(const struct uuid *project_id, struct arena *mem)
{
	unsigned char hash[SHA256_SIZE];
	char text[CRYPTO_BASE64_SIZE(SHA256_SIZE)];

	crypto_hmac_sha256(
	    name_label, sizeof(name_label) - 1, project_id->b, sizeof(project_id->b), hash);
	return arena_strndup(mem, crypto_base64url(hash, sizeof(hash), text), SANDBOX_NAME_LEN);
}

static const char *
name_signed(const char *secret, const char *name, const char *state, struct arena *mem)
{
	/* a short name has no ':', so no two pairs of name and state make one text */
	const char *what = arena_printf(mem, "%s:%s:%s", name_label, name, state);
	unsigned char hash[SHA256_SIZE];
	char code[CRYPTO_BASE64_SIZE(SHA256_SIZE)];

	crypto_hmac_sha256(secret, strlen(secret), what, strlen(what), hash);
	return arena_printf(mem, "%s.%s", name, crypto_base64url(hash, sizeof(hash), code));
}

const char *
sandbox_name_make(
    const char *secret, const struct uuid *project_id, const char *state, struct arena *mem)
{
	return name_signed(secret, project_name(project_id, mem), state, mem);
}

const char *
sandbox_name_read(const char *secret, const char *text, const char *state, struct arena *mem)
{
	const char *name, *want;

	if (strcspn(text, ".:") != SANDBOX_NAME_LEN)
		return NULL;
	name = arena_strndup(mem, text, SANDBOX_NAME_LEN);
	want = name_signed(secret, name, state, mem);
	return crypto_equal(text, strlen(text), want, strlen(want)) ? name : NULL;
}
