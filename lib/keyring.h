#ifndef LIB_KEYRING_H
#define LIB_KEYRING_H

#include <stddef.h>

#include "lib/attr.h"
#include "lib/uuid.h"

/*
 * The instance key: seals Pinterest tokens, webhook secrets and stored replies at rest
 * (XChaCha20-Poly1305, random nonce). A sealed value is bound to its place by `label` (table and
 * column) and row id, so it does not open in another row. It begins with its key id, so several
 * keys may be in use at once.
 *
 * Sealed form: version 1 (1 byte), key id (4 bytes, big endian), nonce (24), ciphertext and tag.
 */
struct arena;
struct keyring;

#define KEYRING_OVERHEAD 45
#define KEYRING_ACCESS_TOKEN "pinterest_accounts.access" /* label of access tokens */

/*
 * Key file: lines `<key id, decimal> <base64 of 32 bytes>`; the first line seals, all open.
 * Refuses a file that the group or others can write or that others can read. NULL after a log line.
 */
MUST_CHECK struct keyring *keyring_load(const char *path);
void keyring_free(struct keyring *k);
/* Creates the file (mode 0640, must not exist) with one new key. 0, or -1 after a log line. */
MUST_CHECK int keyring_create(const char *path);

/* out must hold len + KEYRING_OVERHEAD; returns the sealed size. */
size_t keyring_seal(const struct keyring *k, const char *label, const struct uuid *row,
    const void *plain, size_t len, unsigned char *out);
/*
 * The plain text into out (room >= sealed_len - KEYRING_OVERHEAD). Its size, or -1: unknown key,
 * wrong place, or altered.
 */
MUST_CHECK int keyring_open(const struct keyring *k, const char *label, const struct uuid *row,
    const void *sealed, size_t sealed_len, void *out, size_t room);
/* The same for a text: NUL-terminated, in the arena; NULL when it does not open. */
MUST_CHECK const char *keyring_open_text(const struct keyring *k, const char *label,
    const struct uuid *row, const void *sealed, size_t sealed_len, struct arena *mem);
/* HMAC-SHA256 under a key derived from the first instance key and `label` (OAuth state). */
void keyring_sign(const struct keyring *k, const char *label, const void *data, size_t len,
    unsigned char out[32]);

#endif
