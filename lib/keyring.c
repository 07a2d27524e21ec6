/*
 * The instance keys and the sealed form. Invariant: header, row id and label are all bound to the
 * text, so a sealed value opens only in the place for which it was sealed.
 */
#include "lib/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/secret_file.h"
#include "lib/xalloc.h"

#define VERSION 1
#define HEAD_SIZE 5
#define LABEL_MAX 96
#define KEYS_MAX 64
#define FILE_MAX 8192

_Static_assert(HEAD_SIZE + CRYPTO_NONCE_SIZE + CRYPTO_TAG_SIZE == KEYRING_OVERHEAD, "overhead");

struct key {
	uint32_t id;
	unsigned char bytes[CRYPTO_KEY_SIZE];
};

struct keyring {
	size_t len;
	struct key keys[KEYS_MAX];
};

/* The associated data of a sealed text: fixed-size parts first, so that no two places are equal. */
struct place {
	unsigned char bytes[HEAD_SIZE + 16 + LABEL_MAX];
	size_t len;
};

static const struct key *
find_ring_key(const struct keyring *k, uint32_t id)
{
	for (size_t i = 0; i < k->len; i++) {
		if (k->keys[i].id == id)
			return &k->keys[i];
	}
	return NULL;
}

/* Parses one line (without newline) into the next free key. NULL or the fault. */
static const char *
add_key(struct keyring *k, char *line)
{
	char *space = strchr(line, ' ');
	struct key *key = &k->keys[k->len];
	int64_t id;

	if (space == NULL)
		return "not `<key id> <base64>`";
	*space = '\0';
	if (num_parse(line, 1, UINT32_MAX, &id) == -1)
		return "key id is not a number from 1 to 4294967295";
	if (find_ring_key(k, (uint32_t)id) != NULL)
		return "key id occurs twice";
	if (k->len == KEYS_MAX)
		return "too many keys";
	if (crypto_base64_decode(space + 1, false, key->bytes, sizeof key->bytes) !=
	    CRYPTO_KEY_SIZE)
		return "key is not the base64 of 32 bytes";
	key->id = (uint32_t)id;
	k->len++;
	return NULL;
}

static int
parse_file(struct keyring *k, char *text, char why[KEYRING_WHY_SIZE])
{
	const char *fault;
	char *line = text, *next;

	for (unsigned number = 1; line != NULL && *line != '\0'; number++, line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		fault = add_key(k, line);
		if (fault != NULL) {
			snprintf(why, KEYRING_WHY_SIZE, "line %u: %s", number, fault);
			return -1;
		}
	}
	if (k->len == 0) {
		snprintf(why, KEYRING_WHY_SIZE, "no key in it");
		return -1;
	}
	return 0;
}

struct keyring *
keyring_read(const char *path, char why[KEYRING_WHY_SIZE])
{
	struct keyring *k = xcalloc(1, sizeof *k);
	char text[FILE_MAX] = { 0 };

	if (secret_file_read(path, text, sizeof text, why, NULL) == -1 ||
	    parse_file(k, text, why) == -1) {
		keyring_free(k);
		k = NULL;
	}
	crypto_wipe(text, sizeof text);
	return k;
}

struct keyring *
keyring_load(const char *path)
{
	char why[KEYRING_WHY_SIZE];
	struct keyring *k = keyring_read(path, why);

	if (k == NULL)
		log_error("event=key_file_refused path=%s why=\"%s\"", path, why);
	return k;
}

void
keyring_free(struct keyring *k)
{
	if (k == NULL)
		return;
	crypto_wipe(k, sizeof *k);
	free(k);
}

static int
write_keyring(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int
keyring_create(const char *path)
{
	unsigned char key[CRYPTO_KEY_SIZE];
	char base64[CRYPTO_BASE64_SIZE(CRYPTO_KEY_SIZE)], line[sizeof base64 + 16];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640), n, rc = -1;
	bool closed;

	if (fd == -1) {
		log_error("event=key_file_not_created path=%s errno=%d", path, errno);
		return -1;
	}
	crypto_random(key, sizeof key);
	/* A random id: a key rotation may join the lines of two files. */
	n = snprintf(line, sizeof line, "%" PRIu32 " %s\n", (crypto_random32() >> 1) + 1,
	    crypto_base64(key, sizeof key, base64));
	/* fchmod: the umask may have removed the group's read permission. */
	if (n > 0 && fchmod(fd, 0640) == 0 && write_keyring(fd, line, (size_t)n) == 0 &&
	    fsync(fd) == 0)
		rc = 0;
	closed = close(fd) == 0;
	if (rc == -1 || !closed) {
		log_error("event=key_file_not_written path=%s errno=%d", path, errno);
		unlink(path);
		rc = -1;
	}
	crypto_wipe(key, sizeof key);
	crypto_wipe(base64, sizeof base64);
	crypto_wipe(line, sizeof line);
	return rc;
}

static void
put_u32(unsigned char *out, uint32_t n)
{
	for (unsigned i = 0; i < 4; i++)
		out[i] = (unsigned char)(n >> (24 - 8 * i));
}

static uint32_t
get_u32(const unsigned char *in)
{
	return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

static void
place_build(struct place *p, const unsigned char *head, const struct uuid *row, const char *label)
{
	size_t label_len = strlen(label);

	if (label_len > LABEL_MAX)
		panic("keyring label of %zu bytes", label_len);
	memcpy(p->bytes, head, HEAD_SIZE);
	memcpy(p->bytes + HEAD_SIZE, row->b, sizeof row->b);
	memcpy(p->bytes + HEAD_SIZE + sizeof row->b, label, label_len);
	p->len = HEAD_SIZE + sizeof row->b + label_len;
}

size_t
keyring_seal(const struct keyring *k, const char *label, const struct uuid *row, const void *plain,
    size_t len, unsigned char *out)
{
	const struct key *key = &k->keys[0];
	unsigned char *nonce = out + HEAD_SIZE;
	struct place place;

	out[0] = VERSION;
	put_u32(out + 1, key->id);
	crypto_random(nonce, CRYPTO_NONCE_SIZE);
	place_build(&place, out, row, label);
	crypto_seal(&(struct crypto_box){ key->bytes, nonce, place.bytes, place.len }, plain, len,
	    nonce + CRYPTO_NONCE_SIZE);
	return len + KEYRING_OVERHEAD;
}

int
keyring_open(const struct keyring *k, const char *label, const struct uuid *row, const void *sealed,
    size_t sealed_len, void *out, size_t room)
{
	const unsigned char *in = sealed, *nonce = in + HEAD_SIZE;
	const struct key *key;
	struct place place;

	if (sealed_len < KEYRING_OVERHEAD || sealed_len > INT32_MAX || in[0] != VERSION)
		return -1;
	if (room < sealed_len - KEYRING_OVERHEAD)
		return -1;
	key = find_ring_key(k, get_u32(in + 1));
	if (key == NULL)
		return -1;
	place_build(&place, in, row, label);
	if (crypto_open(&(struct crypto_box){ key->bytes, nonce, place.bytes, place.len },
		nonce + CRYPTO_NONCE_SIZE, sealed_len - HEAD_SIZE - CRYPTO_NONCE_SIZE, out) != 0)
		return -1;
	return (int)(sealed_len - KEYRING_OVERHEAD);
}

const char *
keyring_open_text(const struct keyring *k, const char *label, const struct uuid *row,
    const void *sealed, size_t sealed_len, struct arena *mem)
{
	char *text = arena_alloc(mem, sealed_len + 1);
	int len = keyring_open(k, label, row, sealed, sealed_len, text, sealed_len);

	if (len < 0)
		return NULL;
	text[len] = '\0';
	return text;
}

static void
key_sign(const struct key *key, const char *label, const void *data, size_t len,
    unsigned char out[SHA256_SIZE])
{
	unsigned char derived[SHA256_SIZE];

	crypto_hmac_sha256(key->bytes, CRYPTO_KEY_SIZE, label, strlen(label), derived);
	crypto_hmac_sha256(derived, sizeof derived, data, len, out);
	crypto_wipe(derived, sizeof derived);
}

bool
keyring_equal(const struct keyring *a, const struct keyring *b)
{
	return crypto_equal(
	    a->keys, a->len * sizeof a->keys[0], b->keys, b->len * sizeof b->keys[0]);
}

size_t
keyring_len(const struct keyring *k)
{
	return k->len;
}

uint32_t
keyring_fingerprint(const struct keyring *k, size_t nth, unsigned char out[SHA256_SIZE])
{
	key_sign(&k->keys[nth], "instance_keys.fingerprint", "", 0, out);
	return k->keys[nth].id;
}

void
keyring_sign(
    const struct keyring *k, const char *label, const void *data, size_t len, unsigned char out[32])
{
	key_sign(&k->keys[0], label, data, len, out);
}
