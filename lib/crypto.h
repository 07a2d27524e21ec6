#ifndef LIB_CRYPTO_H
#define LIB_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

/* The only interface to libsodium. */

#define SHA256_SIZE 32
#define SHA256_HEX_SIZE 65
#define PASSWORD_HASH_SIZE 128

/* Call once in main, first. Panics without a random source. */
void crypto_start(void);

void crypto_random(void *out, size_t len);
uint32_t crypto_random32(void);

void crypto_sha256(const void *data, size_t len, unsigned char out[SHA256_SIZE]);
void crypto_hmac_sha256(
    const void *key, size_t key_len, const void *data, size_t len, unsigned char out[SHA256_SIZE]);
/* Compares in time that depends only on the length. */
MUST_CHECK bool crypto_equal(const void *a, size_t a_len, const void *b, size_t b_len);
void crypto_wipe(void *p, size_t len);

/* Lower-case hex and NUL: out holds 2 * len + 1. Returns out. */
char *crypto_hex(const void *data, size_t len, char *out);
/* Standard alphabet with padding; out holds CRYPTO_BASE64_SIZE(len). Returns out. */
char *crypto_base64(const void *data, size_t len, char *out);
#define CRYPTO_BASE64_SIZE(len) ((((len) + 2) / 3) * 4 + 1)
/* URL-safe alphabet, no padding; same size of out. */
char *crypto_base64url(const void *data, size_t len, char *out);
/* `url_safe` selects the alphabet. Number of bytes, or -1: not base64, or too long for out. */
MUST_CHECK int crypto_base64_decode(const char *text, bool url_safe, void *out, size_t room);

/* argon2id, 19 MiB, t = 2. A lock allows one hash at a time per process. 0 or -1. */
MUST_CHECK int crypto_password_hash(const char *password, char out[PASSWORD_HASH_SIZE]);
/* True when it matches. A NULL hash takes the same time and is false. */
MUST_CHECK bool crypto_password_verify(const char *hash, const char *password);

#define CRYPTO_KEY_SIZE 32
#define CRYPTO_NONCE_SIZE 24
#define CRYPTO_TAG_SIZE 16

/* Authenticated encryption, XChaCha20-Poly1305; `ad` is authenticated but not encrypted. */
struct crypto_box {
	const unsigned char *key;   /* CRYPTO_KEY_SIZE */
	const unsigned char *nonce; /* CRYPTO_NONCE_SIZE, random, never reused */
	const void *ad;
	size_t ad_len;
};

/* out must hold len + CRYPTO_TAG_SIZE. */
void crypto_seal(const struct crypto_box *box, const void *plain, size_t len, unsigned char *out);
/* out must hold len - CRYPTO_TAG_SIZE. 0, or -1 when authentication fails. */
MUST_CHECK int crypto_open(const struct crypto_box *box, const void *sealed, size_t len, void *out);

/*
 * Secret text with a public prefix: `prefix` + 43 base64url characters of 32 random bytes.
 * out must hold strlen(prefix) + 44. Only its SHA-256 is ever stored.
 */
void crypto_token(const char *prefix, char *out, size_t room);

#endif
