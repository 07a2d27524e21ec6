/* The only user of libsodium: primitives with fixed sizes and encodings, no policy. */
#include "lib/crypto.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "lib/log.h"

#define TOKEN_BYTES 32
#define TOKEN_TEXT 43
#define PASSWORD_OPS 2
#define PASSWORD_MEMORY (19 * 1024 * 1024)

_Static_assert(SHA256_SIZE == crypto_hash_sha256_BYTES, "SHA256_SIZE");
_Static_assert(PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "PASSWORD_HASH_SIZE");
_Static_assert(CRYPTO_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "KEY_SIZE");
_Static_assert(CRYPTO_NONCE_SIZE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "NONCE_SIZE");
_Static_assert(CRYPTO_TAG_SIZE == crypto_aead_xchacha20poly1305_ietf_ABYTES, "TAG_SIZE");

/* One at a time, 19 MiB each: a burst of log-ins must not use up memory or all cores. */
static pthread_mutex_t password_lock = PTHREAD_MUTEX_INITIALIZER;

void
crypto_start(void)
{
	if (sodium_init() == -1)
		panic("no source of randomness");
}

void
crypto_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}

uint32_t
crypto_random32(void)
{
	return randombytes_random();
}

void
crypto_sha256(const void *data, size_t len, unsigned char out[SHA256_SIZE])
{
	crypto_hash_sha256(out, data, len);
}

void
crypto_hmac_sha256(
    const void *key, size_t key_len, const void *data, size_t len, unsigned char out[SHA256_SIZE])
{
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, key, key_len);
	crypto_auth_hmacsha256_update(&state, data, len);
	crypto_auth_hmacsha256_final(&state, out);
	sodium_memzero(&state, sizeof state);
}

bool
crypto_equal(const void *a, size_t a_len, const void *b, size_t b_len)
{
	return a_len == b_len && sodium_memcmp(a, b, a_len) == 0;
}

void
crypto_wipe(void *p, size_t len)
{
	sodium_memzero(p, len);
}

char *
crypto_hex(const void *data, size_t len, char *out)
{
	return sodium_bin2hex(out, 2 * len + 1, data, len);
}

char *
crypto_base64(const void *data, size_t len, char *out)
{
	return sodium_bin2base64(
	    out, CRYPTO_BASE64_SIZE(len), data, len, sodium_base64_VARIANT_ORIGINAL);
}

char *
crypto_base64url(const void *data, size_t len, char *out)
{
	return sodium_bin2base64(
	    out, CRYPTO_BASE64_SIZE(len), data, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

int
crypto_base64_decode(const char *text, bool url_safe, void *out, size_t room)
{
	int variant =
	    url_safe ? sodium_base64_VARIANT_URLSAFE_NO_PADDING : sodium_base64_VARIANT_ORIGINAL;
	size_t len;

	/* libsodium 1.0.18 takes every byte beyond ASCII for the letter 63 */
	for (const char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c >= 0x80)
			return -1;
	if (sodium_base642bin(out, room, text, strlen(text), NULL, &len, NULL, variant) != 0)
		return -1;
	return (int)len;
}

int
crypto_password_hash(const char *password, char out[PASSWORD_HASH_SIZE])
{
	int rc;

	pthread_mutex_lock(&password_lock);
	rc = crypto_pwhash_str_alg(out, password, strlen(password), PASSWORD_OPS, PASSWORD_MEMORY,
	    crypto_pwhash_ALG_ARGON2ID13);
	pthread_mutex_unlock(&password_lock);
	return rc;
}

bool
crypto_password_verify(const char *hash, const char *password)
{
	/* Hash of an unknown random password: an unknown user takes as long as a known one. */
	static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$y7A26gHNRLFoUb5S9eMpUg"
				     "$A6BxT/QrYXkJVcSzfaiXtkUvaTdJSJIOWY3gkcovgXU";
	char padded[PASSWORD_HASH_SIZE] = { 0 };
	const char *against = hash != NULL ? hash : nobody;
	int rc;

	if (strlen(against) >= sizeof padded)
		return false;
	/* libsodium reads the whole array, regardless of the length of the text. */
	memcpy(padded, against, strlen(against) + 1);
	pthread_mutex_lock(&password_lock);
	rc = crypto_pwhash_str_verify(padded, password, strlen(password));
	pthread_mutex_unlock(&password_lock);
	return rc == 0 && hash != NULL;
}

void
crypto_seal(const struct crypto_box *box, const void *plain, size_t len, unsigned char *out)
{
	crypto_aead_xchacha20poly1305_ietf_encrypt(
	    out, NULL, plain, len, box->ad, box->ad_len, NULL, box->nonce, box->key);
}

int
crypto_open(const struct crypto_box *box, const void *sealed, size_t len, void *out)
{
	return crypto_aead_xchacha20poly1305_ietf_decrypt(
	    out, NULL, NULL, sealed, len, box->ad, box->ad_len, box->nonce, box->key);
}

void
crypto_token(const char *prefix, char *out, size_t room)
{
	unsigned char secret[TOKEN_BYTES];
	char text[CRYPTO_BASE64_SIZE(TOKEN_BYTES)];

	if (room < strlen(prefix) + TOKEN_TEXT + 1)
		panic("crypto_token: %zu bytes are too few", room);
	crypto_random(secret, sizeof secret);
	crypto_base64url(secret, sizeof secret, text);
	snprintf(out, room, "%s%s", prefix, text);
	sodium_memzero(secret, sizeof secret);
	sodium_memzero(text, sizeof text);
}
