#ifndef LIB_KEYRING_H
#define LIB_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/crypto.h"
#include "lib/secret_file.h"
#include "lib/uuid.h"

/*
 * The instance key: seals Pinterest tokens, webhook secrets and stored replies at rest
 * (XChaCha20-Poly1305, random nonce). A sealed value is bound to its place by `label` (table and
 * column) and row id, so it does not open in another row. It begins with its key id, so several
 * keys may be in use at once.
 *
 * A keyring follows its file: sealing, signing, and opening what it has no key for look whether the
 * file was replaced, and read it again. A file that does not go on from the last one (it shares no
 * key with it, or gives a known number to another key) is refused, with a log line. Calls may come
 * from any thread.
 *
 * Sealed form: version 1 (1 byte), key id (4 bytes, big endian), nonce (24), ciphertext and tag.
 */
struct arena;
struct keyring;

#define KEYRING_OVERHEAD 45
#define KEYRING_ACCESS_TOKEN "pinterest_accounts.access" /* label of access tokens */

/*
 * Key file: lines `<key id, decimal> <base64 of 32 bytes>`; the first line seals, all open.
 * Refuses a file that lib/secret_file.h does. NULL after a log line.
 */
MUST_CHECK struct keyring *keyring_load(const char *path);
/* The same without the log line: NULL with the reason in `why`. */
#define KEYRING_WHY_SIZE SECRET_FILE_WHY_SIZE
MUST_CHECK struct keyring *keyring_read(const char *path, char why[KEYRING_WHY_SIZE]);
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
/* The same keys in the same order? */
MUST_CHECK bool keyring_equal(const struct keyring *a, const struct keyring *b);
/* What a rotation does to the file. */
enum keyring_change {
	KEYRING_PREPARE, /* one more key, made now and put last: it opens, and seals nothing yet */
	KEYRING_PROMOTE, /* the last key becomes the first: it seals from now on */
	KEYRING_RETIRE   /* only the first key stays */
};
/*
 * Replaces the file in one step, with the owner, group and mode that it has, and reads it again.
 * 0, or -1 with the reason in `why` and the file as it was.
 */
MUST_CHECK int keyring_change(
    struct keyring *k, enum keyring_change what, char why[KEYRING_WHY_SIZE]);
/* Number of its keys. */
size_t keyring_len(const struct keyring *k);
/*
 * The id of the nth key (the 0th seals), and a fingerprint that only this key has: an HMAC under
 * it, which opens nothing and does not help to find the key.
 */
uint32_t keyring_fingerprint(const struct keyring *k, size_t nth, unsigned char out[SHA256_SIZE]);
/* HMAC-SHA256 under a key derived from the first instance key and `label` (OAuth state). */
void keyring_sign(const struct keyring *k, const char *label, const void *data, size_t len,
    unsigned char out[32]);
/* Did any of its keys sign so? */
MUST_CHECK bool keyring_signed(const struct keyring *k, const char *label, const void *data,
    size_t len, const unsigned char signature[32]);

#endif
