/*
 * The instance keys, shared between threads, and the sealed form. Invariant: header, row id and
 * label are all bound to the text, so a sealed value opens only in the place for which it was
 * sealed.
 */
#include "lib/keyring.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/log.h"
#include "lib/ring.h"
#include "lib/xalloc.h"

#define VERSION 1
#define HEAD_SIZE 5
#define LABEL_MAX 96
/* A file that could not be read may be readable by now, although it has not changed. */
#define RETRY_US US_PER_S

_Static_assert(HEAD_SIZE + CRYPTO_NONCE_SIZE + CRYPTO_TAG_SIZE == KEYRING_OVERHEAD, "overhead");

/* What follows the file, apart, so that it may change behind a const keyring. */
struct kept_ring {
	pthread_rwlock_t lock;
	struct ring ring;
	struct ring_mark mark;
	int64_t
	    retry_us; /* monotonic: the file of that mark was refused, and is read again; 0: no */
	char path[];
};

struct keyring {
	struct kept_ring *kept;
};

/* The associated data of a sealed text: fixed-size parts first, so that no two places are equal. */
struct place {
	unsigned char bytes[HEAD_SIZE + 16 + LABEL_MAX];
	size_t len;
};

struct keyring *
keyring_read(const char *path, char why[KEYRING_WHY_SIZE])
{
	struct keyring *k = xcalloc(1, sizeof *k);

	k->kept = xcalloc(1, sizeof *k->kept + strlen(path) + 1);
	memcpy(k->kept->path, path, strlen(path) + 1);
	if (pthread_rwlock_init(&k->kept->lock, NULL) != 0)
		panic("pthread_rwlock_init failed");
	if (ring_read(path, &k->kept->ring, &k->kept->mark, why) == -1) {
		keyring_free(k);
		k = NULL;
	}
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
	(void)pthread_rwlock_destroy(&k->kept->lock);
	crypto_wipe(&k->kept->ring, sizeof k->kept->ring);
	free(k->kept);
	free(k);
}

/* Was this file read already, and need not be again? Under the lock. */
static bool
ring_known(const struct kept_ring *kept, const struct ring_mark *mark)
{
	return ring_mark_equal(mark, &kept->mark) &&
	       (kept->retry_us == 0 || clock_mono_us() < kept->retry_us);
}

/* Under the lock. *again: this file was refused before. NULL, or why it is now. */
static const char *
ring_renew(struct kept_ring *kept, const struct ring_mark *mark, char reason[KEYRING_WHY_SIZE],
    bool *again)
{
	struct ring fresh;
	const char *why = reason;

	*again = kept->retry_us != 0 && ring_mark_equal(mark, &kept->mark);
	kept->mark = *mark;
	if (ring_read(kept->path, &fresh, &kept->mark, reason) == 0)
		why = ring_break(&kept->ring, &fresh);
	if (why == NULL)
		kept->ring = fresh;
	kept->retry_us = why == NULL ? 0 : clock_mono_us() + RETRY_US;
	crypto_wipe(&fresh, sizeof fresh);
	return why;
}

/* Reads the file again if it is not the one that was read last. True: the keys changed. */
static bool
ring_follow(struct kept_ring *kept)
{
	char reason[KEYRING_WHY_SIZE];
	struct ring_mark mark = { 0 };
	const char *why = NULL;
	struct stat st;
	bool known, again = false;

	if (stat(kept->path, &st) == -1)
		return false;
	mark = ring_mark_of(&st);
	(void)pthread_rwlock_rdlock(&kept->lock);
	known = ring_known(kept, &mark);
	(void)pthread_rwlock_unlock(&kept->lock);
	if (known)
		return false;
	(void)pthread_rwlock_wrlock(&kept->lock);
	known = ring_known(kept, &mark);
	if (!known)
		why = ring_renew(kept, &mark, reason, &again);
	(void)pthread_rwlock_unlock(&kept->lock);
	if (why != NULL && !again)
		log_error("event=key_file_refused path=%s why=\"%s\" until_then=\"the keys read "
			  "before are used\"",
		    kept->path, why);
	else if (!known && why == NULL)
		log_info("event=key_file_read path=%s", kept->path);
	return !known && why == NULL;
}

/* The first key, as the file has it now. */
static struct ring_key
first_ring_key(const struct keyring *k)
{
	struct ring_key key;

	(void)ring_follow(k->kept);
	(void)pthread_rwlock_rdlock(&k->kept->lock);
	key = k->kept->ring.keys[0];
	(void)pthread_rwlock_unlock(&k->kept->lock);
	return key;
}

static bool
copy_ring_key(const struct keyring *k, uint32_t id, struct ring_key *out)
{
	const struct ring_key *key;

	(void)pthread_rwlock_rdlock(&k->kept->lock);
	key = ring_find(&k->kept->ring, id);
	if (key != NULL)
		*out = *key;
	(void)pthread_rwlock_unlock(&k->kept->lock);
	return key != NULL;
}

int
keyring_create(const char *path)
{
	return ring_create(path);
}

int
keyring_change(struct keyring *k, enum keyring_change what, char why[KEYRING_WHY_SIZE])
{
	struct ring r;
	const char *fault;

	(void)ring_follow(k->kept);
	(void)pthread_rwlock_rdlock(&k->kept->lock);
	r = k->kept->ring;
	(void)pthread_rwlock_unlock(&k->kept->lock);
	fault = ring_change(&r, what);
	if (fault == NULL && ring_replace(k->kept->path, &r) == -1)
		fault = strerror(errno);
	crypto_wipe(&r, sizeof r);
	if (fault == NULL) {
		(void)ring_follow(k->kept);
		return 0;
	}
	snprintf(why, KEYRING_WHY_SIZE, "%s", fault);
	return -1;
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
	struct ring_key key = first_ring_key(k);
	unsigned char *nonce = out + HEAD_SIZE;
	struct place place;

	out[0] = VERSION;
	put_u32(out + 1, key.id);
	crypto_random(nonce, CRYPTO_NONCE_SIZE);
	place_build(&place, out, row, label);
	crypto_seal(&(struct crypto_box){ key.bytes, nonce, place.bytes, place.len }, plain, len,
	    nonce + CRYPTO_NONCE_SIZE);
	crypto_wipe(&key, sizeof key);
	return len + KEYRING_OVERHEAD;
}

int
keyring_open(const struct keyring *k, const char *label, const struct uuid *row, const void *sealed,
    size_t sealed_len, void *out, size_t room)
{
	const unsigned char *in = sealed, *nonce = in + HEAD_SIZE;
	struct ring_key key;
	struct place place;
	uint32_t id;
	int rc;

	if (sealed_len < KEYRING_OVERHEAD || sealed_len > INT32_MAX || in[0] != VERSION)
		return -1;
	if (room < sealed_len - KEYRING_OVERHEAD)
		return -1;
	id = get_u32(in + 1);
	if (!copy_ring_key(k, id, &key) && (!ring_follow(k->kept) || !copy_ring_key(k, id, &key)))
		return -1;
	place_build(&place, in, row, label);
	rc = crypto_open(&(struct crypto_box){ key.bytes, nonce, place.bytes, place.len },
	    nonce + CRYPTO_NONCE_SIZE, sealed_len - HEAD_SIZE - CRYPTO_NONCE_SIZE, out);
	crypto_wipe(&key, sizeof key);
	return rc == 0 ? (int)(sealed_len - KEYRING_OVERHEAD) : -1;
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
key_sign(const struct ring_key *key, const char *label, const void *data, size_t len,
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
	const struct ring *x = &a->kept->ring, *y = &b->kept->ring;
	bool equal;

	(void)pthread_rwlock_rdlock(&a->kept->lock);
	(void)pthread_rwlock_rdlock(&b->kept->lock);
	equal =
	    crypto_equal(x->keys, x->len * sizeof x->keys[0], y->keys, y->len * sizeof y->keys[0]);
	(void)pthread_rwlock_unlock(&b->kept->lock);
	(void)pthread_rwlock_unlock(&a->kept->lock);
	return equal;
}

size_t
keyring_len(const struct keyring *k)
{
	size_t len;

	(void)pthread_rwlock_rdlock(&k->kept->lock);
	len = k->kept->ring.len;
	(void)pthread_rwlock_unlock(&k->kept->lock);
	return len;
}

uint32_t
keyring_fingerprint(const struct keyring *k, size_t nth, unsigned char out[SHA256_SIZE])
{
	const struct ring *r = &k->kept->ring;
	uint32_t id = 0;

	(void)pthread_rwlock_rdlock(&k->kept->lock);
	if (nth < r->len) {
		key_sign(&r->keys[nth], "instance_keys.fingerprint", "", 0, out);
		id = r->keys[nth].id;
	}
	(void)pthread_rwlock_unlock(&k->kept->lock);
	return id;
}

void
keyring_sign(
    const struct keyring *k, const char *label, const void *data, size_t len, unsigned char out[32])
{
	struct ring_key key = first_ring_key(k);

	key_sign(&key, label, data, len, out);
	crypto_wipe(&key, sizeof key);
}

bool
keyring_signed(const struct keyring *k, const char *label, const void *data, size_t len,
    const unsigned char signature[32])
{
	unsigned char wanted[SHA256_SIZE];
	bool found = false;

	(void)ring_follow(k->kept);
	(void)pthread_rwlock_rdlock(&k->kept->lock);
	for (size_t i = 0; i < k->kept->ring.len && !found; i++) {
		key_sign(&k->kept->ring.keys[i], label, data, len, wanted);
		found = crypto_equal(wanted, sizeof wanted, signature, sizeof wanted);
	}
	(void)pthread_rwlock_unlock(&k->kept->lock);
	return found;
}
