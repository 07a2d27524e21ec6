#include "lib/url.h"

#include "lib/arena.h"
#include "tests/rng.h"
#include "tests/tap.h"

static struct addr_rule rules[] = {
	{ { ADDR_V4, { 127, 0, 0, 1 }, 8099 }, 32 },
	{ { ADDR_V4, { 10, 0, 0, 5 }, 9000 }, 32 },
};
static const struct addr_policy rehearsal = { .allow = rules, .allow_len = 2 };

/* Well-formed or not, wherever it leads; with its host if well-formed. */
static const struct {
	const char *url, *host;
} forms[] = {
	{ "https://example.com", "example.com" },
	{ "http://example.com/", "example.com" },
	{ "HTTPS://Example.COM:8443/a/b?c=d#e", "example.com" },
	{ "https://example.com.", "example.com" },
	{ "https://example.com?q=a@b", "example.com" },
	{ "https://example.com/a@b\\c", "example.com" },
	{ "https://xn--bcher-kva.example/", "xn--bcher-kva.example" },
	{ "https://b\xc3\xbc"
	  "cher.example/\xc3\xa4",
	    "b\xc3\xbc"
	    "cher.example" },
	{ "https://[2606:4700::1111]:8443/", "2606:4700::1111" },
	{ "http://127.0.0.1/", "127.0.0.1" },
	{ "http://2130706433/", "127.0.0.1" },
	{ "", NULL },
	{ "example.com", NULL },
	{ "//example.com", NULL },
	{ "https:", NULL },
	{ "https:/example.com", NULL },
	{ "https:example.com", NULL },
	{ "https://", NULL },
	{ "https:///", NULL },
	{ "https:///example.com", NULL },
	{ "https://?x", NULL },
	{ "https://:443/", NULL },
	{ "https://.", NULL },
	{ "ftp://example.com/", NULL },
	{ "file:///etc/passwd", NULL },
	{ "gopher://example.com/", NULL },
	{ "javascript:alert(1)", NULL },
	{ "data:text/plain,x", NULL },
	{ "httpss://example.com/", NULL },
	{ " https://example.com/", NULL },
	{ "https://example.com/ ", NULL },
	{ "https://exa mple.com/", NULL },
	{ "https://example.com/\r\nX: y", NULL },
	{ "https://example.com/\t", NULL },
	{ "https://example.com/\x7f", NULL },
	{ "https://example.com/\xff", NULL },
	{ "https://example.com:0/", NULL },
	{ "https://example.com:65536/", NULL },
	{ "https://example.com:x/", NULL },
	{ "https://example.com:-1/", NULL },
	{ "https://exam%00ple.com/", NULL },
	{ "https://exam%2fple.com/", NULL },
	{ "https://exam<ple.com/", NULL },
	{ "https://user@example.com/", NULL },
	{ "https://user:pw@example.com/", NULL },
	{ "https://@example.com/", NULL },
	{ "https://:@example.com/", NULL },
	{ "https://[hostname]/", NULL },
	{ "https://[::1/", NULL },
	{ "https://[::1]x/", NULL },
	{ "https://example.com\\@other.example/", NULL },
	{ "https://example.com\\.other.example/", NULL },
	{ "https://https://example.com/", NULL },
	{ "https://http://example.com/", NULL },
	{ "https://HTTPS//example.com/", NULL },
	{ "https://ftp://example.com/", NULL },
	{ "https://https.example//a", "https.example" },
	{ "https://example.com:/a", "example.com" },
	{ "https://example.com/https://other.example/", "example.com" },
	{ "https://example.com/?to=https://other.example/", "example.com" },
	{ "https://:443//x", NULL },
	{ "https://.example.com/", NULL },
	{ "https://example..com/", NULL },
	{ "https://shop\xc2\xa0.example/", NULL },
	{ "https://shop%C2%A0.example/", NULL },
	{ "https://shop%E2%80%8B.example/", NULL },
	{ "https://b%C3%BCcher.example/", NULL },
	{ "https://example.com/%C2%A0", "example.com" },
};

/* Attack URLs, all refused without a rule. */
static const char *const attacks[] = {
	"https://127.0.0.1",
	"https://10.0.0.1",
	"https://169.254.169.254",
	"https://[::1]",
	"https://[fe80::1]",
	"https://[fe80::1%25eth0]",
	"https://192.168.1.1:8443/x",
	"https://2130706433",
	"https://0x7f000001",
	"https://017700000001",
	"https://127.1",
	"https://0177.0.0.1",
	"https://127.0.0.1.",
	"https://0x7f.1",
	"https://127.0.0.1..",
	"https://0X7F.0.0.1",
	"https://4294967295",
	"https://10.1",
	"https://0xa9fea9fe",
	"https://[::ffff:127.0.0.1]",
	"https://[::127.0.0.1]",
	"https://[64:ff9b::7f00:1]",
	"https://[2002:7f00:1::]",
	"https://[2001:0:53aa:64c::]",
	"https://[::ffff:7f00:1]",
	"https://[::FFFF:127.0.0.1]",
	"https://[0:0:0:0:0:ffff:127.0.0.1]",
	"https://0.0.0.0",
	"https://[::]",
	"https://0",
	"https://0x0",
	"https://00000000",
	"https://%31%32%37.0.0.1",
	"https://127%2e0.0.1",
	"https://%30x7f000001",
	"https://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1", /* full-width digits */
	"https://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1", /* circled digits */
	"https://127\xe3\x80\x82"
	"0.0.1", /* ideographic full stop */
	"https://%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1",
	"https://localhost",
	"https://LOCALHOST.",
	"https://foo.localhost",
	"https://a.b.LocalHost.",
	"https://local%68ost",
	"https://localhost:8099",
	"https://[hostname]/",
	"https://good.example@127.0.0.1/",
	"https://127.0.0.1#@good.example/",
	"https://good.example\\@127.0.0.1",
	"https://127.0.0.1?@good.example/",
	"https://good.example:443@127.0.0.1/",
	"https://127.0.0.1\\@good.example/",
	"https://[2606:4700::1111%25lo]/",
	"ftp://example.com",
	"file:///etc/passwd",
	"gopher://example.com",
	"http://example.com",
	"https://example.com:22",
	"https://example.com:25",
	"https://example.com:3306",
	"https://example.com:6379",
	"https://example.com:9000",
	"https://example.com:80",
};

static void
test_forms(struct arena *mem)
{
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		const char *fault = url_fault(forms[i].url, mem);

		ok((fault == NULL) == (forms[i].host != NULL), "form %zu: %s", i,
		    fault ? fault : "good");
		is_str(url_host(forms[i].url, mem), forms[i].host,
		    "the host of a well-formed URL is found");
	}
}

static void
test_length(struct arena *mem)
{
	char url[URL_MAX + 2];

	memset(url, 'a', sizeof url);
	memcpy(url, "https://example.com/", 20);
	url[URL_MAX] = '\0';
	ok(url_fault(url, mem) == NULL, "a URL of 2048 characters is accepted");
	url[URL_MAX] = 'a';
	url[URL_MAX + 1] = '\0';
	ok(url_fault(url, mem) != NULL, "a URL of 2049 characters is refused");
	memset(url, 'a', sizeof url);
	memcpy(url, "https://", 8);
	url[URL_MAX] = '\0';
	ok(url_fault(url, mem) != NULL, "a host longer than any DNS name is refused");
}

/* What cannot be seen is named, with its place; where it stands makes no difference. */
static void
test_unseen(struct arena *mem)
{
	static const struct {
		const char *text, *named;
	} unseen[] = { { " ", "U+0020" }, { "\t", "U+0009" }, { "\x1b", "U+001B" },
		{ "\x7f", "U+007F" }, { "\xc2\x85", "U+0085" }, { "\xc2\xa0", "U+00A0" },
		{ "\xc2\xad", "U+00AD" }, { "\xe1\x9a\x80", "U+1680" },
		{ "\xe2\x80\x83", "U+2003" }, { "\xe2\x80\x8b", "U+200B" },
		{ "\xe2\x80\x8d", "U+200D" }, { "\xe2\x80\x8e", "U+200E" },
		{ "\xe2\x80\xa8", "U+2028" }, { "\xe2\x80\xae", "U+202E" },
		{ "\xe2\x81\xa0", "U+2060" }, { "\xe3\x80\x80", "U+3000" },
		{ "\xe3\x85\xa4", "U+3164" }, { "\xef\xb8\x8f", "U+FE0F" },
		{ "\xef\xbb\xbf", "U+FEFF" }, { "\xef\xbf\xbe", "U+FFFE" },
		{ "\xf3\xa0\x81\xa1", "U+E0061" } };
	static const char *const places[] = { "%shttps://a.example/", "https://a%s.example/",
		"https://a.example%s", "https://a.example/\xc3\xa4%sb", "https://a.example/?q=%s" };

	for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++) {
		int wrong = 0;

		for (size_t k = 0; k < sizeof places / sizeof places[0]; k++) {
			const char *at = strstr(places[k], "%s");
			const char *url = arena_printf(mem, "%.*s%s%s", (int)(at - places[k]),
			    places[k], unseen[i].text, at + 2);
			const char *fault = url_fault(url, mem);

			wrong += fault == NULL || strstr(fault, unseen[i].named) == NULL ||
				 url_fault(url, NULL) == NULL;
		}
		is_int(wrong, 0, unseen[i].named);
	}
	is_str(url_fault("https://a.example/\xc3\xa4\xc2\xa0", mem),
	    "must not contain blanks or characters that cannot be seen: U+00A0 at character 20",
	    "the place counts characters");
	is_str(url_fault("https://https://a.example/", mem),
	    "must not begin twice: it has a second \"://\" where its host should be",
	    "a scheme in place of the host is named");
}

static void
test_characters(struct arena *mem)
{
	char url[8 + 2 * URL_MAX];
	size_t len = 18;

	memcpy(url, "https://a.example/", len);
	for (int i = 0; i < URL_MAX - 18; i++, len += 2)
		memcpy(url + len, "\xc3\xa4", 2);
	url[len] = '\0';
	ok(url_fault(url, mem) == NULL, "2048 characters of two bytes each are accepted");
	memcpy(url + len, "a", 2);
	is_str(url_fault(url, mem), "must have at most 2048 characters", "one more is not");
	is_str(url_trim(" \t\r\nhttps://a.example/ \n", 24, mem), "https://a.example/",
	    "ASCII blanks are cut off");
	is_str(url_trim("\xc2\xa0x\xc2\xa0", 5, mem), "\xc2\xa0x\xc2\xa0",
	    "others stay, to be refused");
}

static void
test_targets(void)
{
	static const struct {
		const char *url;
		bool http;
		const struct addr_policy *policy;
		bool want;
	} cases[] = {
		{ "https://example.com/hook", false, NULL, true },
		{ "https://example.com:8443/hook", false, NULL, true },
		{ "https://1.1.1.1/", false, NULL, true },
		{ "https://[2606:4700::1111]/", false, NULL, true },
		{ "http://example.com/", true, NULL, true },
		{ "http://example.com:80/", true, NULL, true },
		{ "http://example.com:81/", true, NULL, false },
		{ "http://127.0.0.1:8099/", true, NULL, false },
		{ "http://127.0.0.1:8099/", true, &rehearsal, true },
		{ "http://127.0.0.1:8099/", false, &rehearsal, false },
		{ "http://127.1:8099/", true, &rehearsal, true },
		{ "http://127.0.0.1:8098/", true, &rehearsal, false },
		{ "http://127.0.0.2:8099/", true, &rehearsal, false },
		{ "http://localhost:8099/", true, &rehearsal, true },
		{ "http://x.localhost:8099/", true, &rehearsal, true },
		{ "http://localhost:8098/", true, &rehearsal, false },
		{ "http://localhost/", true, &rehearsal, false },
		{ "http://[::1]:8099/", true, &rehearsal, false },
		{ "http://10.0.0.5:9000/", true, &rehearsal, true },
		{ "http://n8n:9000/", true, &rehearsal, true }, /* judged again by address */
		{ "https://notlocalhost/", false, NULL, true },
		{ "https://localhost.example.com/", false, NULL, true },
		{ "https://169.254.169.254:8099/", false, &rehearsal, false },
	};

	for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++)
		ok(url_target_fault(attacks[i], false, NULL) != NULL, "attack %zu: %s", i,
		    strncmp(attacks[i], "https://", 8) == 0 ? attacks[i] + 8 : attacks[i]);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *fault = url_target_fault(cases[i].url, cases[i].http, cases[i].policy);

		ok((fault == NULL) == cases[i].want, "target %s: %s", cases[i].url,
		    fault ? fault : "good");
	}
}

static void
test_codes(struct arena *mem)
{
	static const struct {
		const char *text;
		bool form;
		const char *want;
	} cases[] = {
		{ "", false, "" },
		{ "abc", false, "abc" },
		{ "a%20b", false, "a b" },
		{ "a+b", false, "a+b" },
		{ "a+b", true, "a b" },
		{ "a%2Bb%2b", true, "a+b+" },
		{ "%C3%a9", false, "\xc3\xa9" },
		{ "%25%32%35", false, "%25" },
		{ "%", false, NULL },
		{ "%4", false, NULL },
		{ "a%", false, NULL },
		{ "%4g", false, NULL },
		{ "%g4", false, NULL },
		{ "%+4", true, NULL },
		{ "%00", false, NULL },
		{ "%ff", false, NULL },
		{ "%C0%AF", false, NULL },
		{ "\xff", false, NULL },
	};
	struct rng rng = rng_new();
	int wrong = 0;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is_str(url_decode(cases[i].text, strlen(cases[i].text), cases[i].form, mem),
		    cases[i].want, cases[i].text);
	ok(url_decode("a\0b", 3, false, mem) == NULL, "an embedded NUL is refused");
	is_str(url_decode("%41%42", 3, false, mem), "A", "decoding reads only len bytes");
	ok(url_decode("%41%42", 2, false, mem) == NULL, "an escape across the end is refused");
	is_str(url_encode("a b/c?d=e&f+\xc3\xa9-._~%", mem),
	    "a%20b%2Fc%3Fd%3De%26f%2B%C3%A9-._~%25", "reserved and non-ASCII bytes are escaped");
	for (int i = 0; i < 5000; i++) {
		char text[40];
		size_t n = (size_t)rng_range(&rng, 0, 39);
		const char *coded;
		char *back;

		for (size_t k = 0; k < n; k++)
			text[k] = (char)rng_range(&rng, 1, 127);
		text[n] = '\0';
		coded = url_encode(text, mem);
		back = url_decode(coded, strlen(coded), i % 2 == 0, mem);
		wrong += back == NULL || strcmp(back, text) != 0;
	}
	is_int(wrong, 0, "encoded text decodes to itself");
}

static void
test_under(void)
{
	static const struct {
		const char *url, *base;
		bool want;
	} rows[] = {
		{ "https://api.example.com/hook", "https://api.example.com", true },
		{ "https://API.Example.com./v1/pins", "https://api.example.com", true },
		{ "http://api.example.com/", "https://api.example.com", true },
		{ "https://api.example.com:443?x", "https://api.example.com", true },
		{ "https://api.example.com:8443/", "https://api.example.com", false },
		{ "https://www.example.com/", "https://api.example.com", false },
		{ "https://example.com/pintempo/v1", "https://example.com/pintempo", true },
		{ "https://example.com/pintempo", "https://example.com/pintempo", true },
		{ "https://example.com//pintempo//", "https://example.com/pintempo", true },
		{ "https://example.com/x/../pin%74empo/v1", "https://example.com/pintempo", true },
		{ "https://example.com/pintempos", "https://example.com/pintempo", false },
		{ "https://example.com/n8n/webhook", "https://example.com/pintempo", false },
		{ "http://localhost:8080/v1", "http://127.0.0.1:8080", true },
		{ "http://0x7f.1:8080/v1", "http://127.0.0.1:8080", true },
		{ "http://127.0.0.1:8081/v1", "http://127.0.0.1:8080", false },
		{ "nonsense", "https://api.example.com", false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		ok(url_is_under(rows[i].url, rows[i].base) == rows[i].want, "%s %s under %s",
		    rows[i].url, rows[i].want ? "is" : "is not", rows[i].base);
}

int
main(void)
{
	struct arena *mem = arena_new();

	test_forms(mem);
	test_length(mem);
	test_unseen(mem);
	test_characters(mem);
	test_targets();
	test_codes(mem);
	test_under();
	arena_free(mem);
	return tap_done();
}
