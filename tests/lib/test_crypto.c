#include "config.h"

#include "lib/crypto.h"

#include <time.h>

#include "lib/clock.h"
#include "tests/child.h"
#include "tests/tap.h"

static void
is_hex(const void *data, size_t len, const char *want, const char *name)
{
	char hex[512];

	is_str(crypto_hex(data, len, hex), want, name);
}

static void
test_digests(void)
{
	static unsigned char aa[131];
	unsigned char out[SHA256_SIZE];

	crypto_sha256("", 0, out);
	is_hex(out, sizeof out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	    "SHA-256 of the empty string");
	crypto_sha256("abc", 3, out);
	is_hex(out, sizeof out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	    "SHA-256 of abc");
	/* RFC 4231, cases 1, 2 and 6 (a key longer than the block). */
	crypto_hmac_sha256(
	    "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
	    "\x0b\x0b",
	    20, "Hi There", 8, out);
	is_hex(out, sizeof out, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
	    "HMAC case 1");
	crypto_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, out);
	is_hex(out, sizeof out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
	    "HMAC case 2");
	memset(aa, 0xaa, sizeof aa);
	crypto_hmac_sha256(
	    aa, sizeof aa, "Test Using Larger Than Block-Size Key - Hash Key First", 54, out);
	is_hex(out, sizeof out, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
	    "HMAC case 6");
}

static void
test_base64(void)
{
	static const char *const plain[] = { "", "f", "fo", "foo", "foob", "fooba", "foobar" };
	static const char *const coded[] = { "", "Zg==", "Zm8=", "Zm9v",
		"Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy" };
	static const char *const refused[] = { "Zg", "Zg=", "Zg===", "Zh==", "Z", "Zm9v Zm9v",
		"Zm9v\n", "Zm-_", "=", "Zg==Zg==" };
	char text[64];
	unsigned char out[64];

	for (size_t i = 0; i < 7; i++) {
		size_t len = strlen(plain[i]);

		is_str(crypto_base64(plain[i], len, text), coded[i], "base64 encodes");
		ok(crypto_base64_decode(coded[i], false, out, sizeof out) == (int)len &&
			memcmp(out, plain[i], len) == 0,
		    "base64 decodes its own output");
	}
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		ok(crypto_base64_decode(refused[i], false, out, sizeof out) == -1, "refused: %s",
		    refused[i]);
	is_str(
	    crypto_base64url("\xfb\xff\xfe", 3, text), "-__-", "base64url uses the URL alphabet");
	is_str(crypto_base64url("f", 1, text), "Zg", "URL form has no padding");
	ok(crypto_base64_decode("AAA\x80", true, out, sizeof out) == -1 &&
		crypto_base64_decode("AAA\xff", true, out, sizeof out) == -1,
	    "bytes beyond ASCII are no letters of it");
	ok(crypto_base64_decode("-__-", true, out, sizeof out) == 3 && out[0] == 0xfb,
	    "base64url decodes");
	ok(crypto_base64_decode("+//+", true, out, sizeof out) == -1 &&
		crypto_base64_decode("Zg==", true, out, sizeof out) == -1,
	    "the two base64 alphabets are kept apart");
	ok(crypto_base64_decode("Zm9v", false, out, 3) == 3,
	    "base64 decodes into exactly enough memory");
	ok(crypto_base64_decode("Zm9vYg==", false, out, 3) == -1,
	    "base64 does not decode into too little memory");
}

/* The Standard Webhooks project's test vector, which receivers' libraries expect. */
static void
test_webhook_vector(void)
{
	static const char signed_text[] = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330."
					  "{\"test\": 2432232314}";
	unsigned char key[64], out[SHA256_SIZE];
	char text[CRYPTO_BASE64_SIZE(SHA256_SIZE)];
	int len = crypto_base64_decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false, key, sizeof key);

	is_int(len, 24, "the webhook secret has the right length");
	crypto_hmac_sha256(key, (size_t)len, signed_text, sizeof signed_text - 1, out);
	is_str(crypto_base64(out, sizeof out, text),
	    "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "webhook signature");
}

/* draft-irtf-cfrg-xchacha A.3.1 */
static void
test_box(void)
{
	static const char plain[] =
	    "Ladies and Gentlemen of the class of '99: If I could offer you "
	    "only one tip for the future, sunscreen would be it.";
	static const unsigned char ad[] = { 0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4,
		0xc5, 0xc6, 0xc7 };
	unsigned char key[CRYPTO_KEY_SIZE], nonce[CRYPTO_NONCE_SIZE];
	unsigned char out[sizeof plain - 1 + CRYPTO_TAG_SIZE], back[sizeof plain];
	struct crypto_box box = { key, nonce, ad, sizeof ad };

	for (unsigned i = 0; i < sizeof key; i++)
		key[i] = (unsigned char)(0x80 + i);
	for (unsigned i = 0; i < sizeof nonce; i++)
		nonce[i] = (unsigned char)(0x40 + i);
	crypto_seal(&box, plain, sizeof plain - 1, out);
	is_hex(out, 16, "bd6d179d3e83d43b9576579493c0e939", "XChaCha20-Poly1305 text");
	is_hex(out + sizeof plain - 1, 16, "c0875924c1c7987947deafd8780acf49",
	    "XChaCha20-Poly1305 tag");
	ok(crypto_open(&box, out, sizeof out, back) == 0 &&
		memcmp(back, plain, sizeof plain - 1) == 0,
	    "a sealed box opens");
	box.ad_len--;
	ok(crypto_open(&box, out, sizeof out, back) == -1, "other associated data is refused");
	ok(crypto_open(&box, out, 3, back) == -1, "a box shorter than a tag is refused");
}

/* What this thread has computed: it does not matter what else the machine does. */
static int64_t
computed_us(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

static void
test_passwords(void)
{
	char hash[PASSWORD_HASH_SIZE], other[PASSWORD_HASH_SIZE], wrong[PASSWORD_HASH_SIZE];
	int64_t start, known_us, unknown_us;

	ok(crypto_password_hash("correct horse", hash) == 0, "a password is hashed");
	ok(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0, "argon2id, 19 MiB, t = 2");
	ok(crypto_password_hash("correct horse", other) == 0 && strcmp(hash, other) != 0,
	    "two hashes of one password differ (salt)");
	ok(crypto_password_verify(hash, "correct horse") &&
		crypto_password_verify(other, "correct horse"),
	    "the right password is accepted");
	start = computed_us();
	ok(!crypto_password_verify(hash, "correct horsf"), "a wrong password is refused");
	known_us = computed_us() - start;
	start = computed_us();
	ok(!crypto_password_verify(NULL, "correct horse"), "an unknown user's password is refused");
	unknown_us = computed_us() - start;
	ok(unknown_us * 5 > known_us,
	    "refusing an unknown user takes as long as a hash: %d and %d us", (int)unknown_us,
	    (int)known_us);
	ok(!crypto_password_verify("", "") && !crypto_password_verify("$argon2id$", "x"),
	    "text that is not a hash is refused");
	memset(wrong, 'a', sizeof wrong - 1);
	wrong[sizeof wrong - 1] = '\0';
	ok(!crypto_password_verify(wrong, "x"), "overlong text that is not a hash is refused");
	ok(crypto_password_hash("", hash) == 0 && crypto_password_verify(hash, "") &&
		!crypto_password_verify(hash, "x"),
	    "the empty password can be hashed");
}

static void
token_too_small(void)
{
	char out[47];

	crypto_token("pbs_", out, sizeof out);
}

static void
test_tokens(void)
{
	char one[64], two[64];

	crypto_token("pbs_", one, 48);
	crypto_token("pbs_", two, sizeof two);
	ok(strncmp(one, "pbs_", 4) == 0 && strlen(one) == 47, "prefix and 43 characters");
	is_int((int64_t)strspn(
		   one + 4, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
	    43, "a token uses the URL alphabet");
	ok(strcmp(one, two) != 0, "two tokens differ");
	ok(child_panics(token_too_small), "too small a token buffer panics");
}

int
main(void)
{
	unsigned char a[16] = { 0 }, b[16] = { 0 };

	crypto_start();
	crypto_start();
	test_digests();
	test_base64();
	test_webhook_vector();
	test_box();
	test_passwords();
	test_tokens();
	crypto_random(a, sizeof a);
	crypto_random(b, sizeof b);
	ok(memcmp(a, b, sizeof a) != 0 && crypto_random32() != crypto_random32(),
	    "random bytes and numbers differ");
	ok(crypto_equal("abc", 3, "abc", 3) && !crypto_equal("abc", 3, "abd", 3) &&
		!crypto_equal("abc", 3, "ab", 2) && !crypto_equal("ab", 2, "abc", 3) &&
		crypto_equal("", 0, "", 0),
	    "crypto_equal compares length and bytes");
	crypto_wipe(a, sizeof a);
	ok(memcmp(a, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16) == 0, "crypto_wipe clears the bytes");
	return tap_done();
}
