/* Texts of mails, and how they look on the wire. */
#include "lib/mail.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/keyring.h"
#include "lib/xalloc.h"
#include "tests/tap.h"

static const char *
letter_of(const char *name, const char *text, const char *unsubscribe, struct arena *mem)
{
	struct mail_letter l = { .id = { { 1, 2 } },
		.created_us = 1767225600000000, /* 2026-01-01 00:00 */
		.host = "pins.example.com",
		.from = "pins@example.com",
		.name = name,
		.to = "you@example.com",
		.text = text,
		.unsubscribe = unsubscribe };
	size_t len;
	const char *out = mail_letter(&l, mem, &len);

	is_int((int64_t)len, (int64_t)strlen(out), "its length is told");
	return out;
}

/* No line of the headers but those that belong there, all in ASCII and short. */
static void
headers_hold(const char *letter, size_t lines, const char *what)
{
	const char *end = strstr(letter, "\r\n\r\n"), *at, *next;
	bool ascii = true, crlf = true, brief = true;
	size_t n = 0;

	for (at = letter; end != NULL && at < end; at = next) {
		const char *eol = strstr(at, "\r\n");

		next = eol + 2;
		n += *at != ' ';
		brief = brief && eol - at <= 78;
		for (; at < eol; at++) {
			ascii = ascii && *at >= ' ' && *at <= '~';
			crlf = crlf && *at != '\n' && *at != '\r';
		}
	}
	ok(end != NULL && ascii && crlf && brief, "headers are short lines of ASCII: %s", what);
	is_int((int64_t)n, (int64_t)lines, what);
}

static void
test_plain(struct arena *mem)
{
	is_str(letter_of("Pintempo", "Hello\n\nA line.\nAnother.\n", NULL, mem),
	    "From: Pintempo <pins@example.com>\r\n"
	    "To: <you@example.com>\r\n"
	    "Subject: Hello\r\n"
	    "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
	    "Message-ID: <01020000-0000-0000-0000-000000000000@pins.example.com>\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n"
	    "\r\n"
	    "A line.\r\nAnother.\r\n",
	    "a plain mail");
	ok(strstr(letter_of("P", "S\n\nB\n", "https://a.example/u?t=1", mem),
	       "List-Unsubscribe: <https://a.example/u?t=1>\r\n"
	       "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n") != NULL,
	    "what can be unsubscribed from says how");
}

static void
test_encoded(struct arena *mem)
{
	const char *out = letter_of("Z\xc3\xb6 <x@y.zz>",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e\n\nGr\xc3\xbc\xc3\x9f"
	    "e = 1 \n",
	    NULL, mem);

	headers_hold(out, 9, "a name and a subject beyond ASCII");
	ok(strstr(out, "From: =?utf-8?B?WsO2IDx4QHkueno+?= <pins@example.com>\r\n") != NULL,
	    "a name is an encoded word");
	ok(strstr(out, "Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n") != NULL, "so is a subject");
	ok(strstr(out, "\r\n\r\nGr=C3=BC=C3=9Fe =3D 1=20\r\n") != NULL,
	    "the body is quoted-printable");
	out = letter_of("P", "=?utf-8?B?SGk=?=\n\nB\n", NULL, mem);
	ok(strstr(out, "Subject: =?utf-8?B?PT91dGYtOD9CP1NHaz0/PQ==?=\r\n") != NULL,
	    "what looks like an encoded word arrives as it is");
}

/* What people and organizations call themselves. */
static void
test_names(struct arena *mem)
{
	char organization[256 * 3 + 1];
	struct mail_facts f = { .organization = "A\r\nBcc: all@example.com\r\n\r\nText",
		.by = "B\nEvil: yes",
		.link = "https://a.example/x?token=t",
		.until = "tomorrow" };
	const char *text = mail_text(MAIL_INVITATION, &f, mem);

	headers_hold(letter_of("P", text, NULL, mem), 9, "a name with line ends adds no header");
	for (size_t i = 0; i < 256; i++)
		memcpy(organization + 3 * i, "\xe2\x82\xac", 4);
	f.organization = organization;
	text = mail_text(MAIL_INVITATION, &f, mem);
	headers_hold(letter_of("P", text, NULL, mem), 9, "a name of 256 characters is folded");
	f.organization = "{link}";
	text = mail_text(MAIL_INVITATION, &f, mem);
	ok(strncmp(text, "An invitation to {link}\n\n", 25) == 0, "a fact is not filled in again");
}

static void
test_lines(struct arena *mem)
{
	char text[4096] = "S\n\n";
	const char *out, *at, *eol;
	bool brief = true;

	memset(text + 3, 'x', 3000);
	text[3003] = '\0';
	out = letter_of("P", text, NULL, mem);
	for (at = strstr(out, "\r\n\r\n") + 4; (eol = strstr(at, "\r\n")) != NULL; at = eol + 2)
		brief = brief && eol - at <= 76;
	ok(brief && strlen(at) <= 76, "a long line is folded");
}

static void
test_kinds(struct arena *mem)
{
	static const int kinds[] = {
#define MAIL(NAME, number, code, CLASS, subject, body) MAIL_##NAME,
#include "lib/mail.def"
#undef MAIL
	};
	struct mail_facts f = { .address = "a@b.cd",
		.organization = "O",
		.by = "B",
		.link = "https://l.example/",
		.until = "U" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const char *text = mail_text((enum mail_kind)kinds[i], &f, mem);

		ok(mail_code(kinds[i]) != NULL && strstr(text, "\n\n") != NULL &&
			strchr(text, '{') == NULL,
		    "%s has all its facts", mail_code(kinds[i]));
	}
	is_str(mail_code(0), NULL, "there is no mail 0");
}

static void
test_unsubscribe(struct arena *mem)
{
	char path[] = "/tmp/test_mail.XXXXXX";
	struct uuid user = { { 7 } }, project = { { 9 } }, other = { { 8 } };
	struct keyring *keys = NULL;
	const char *url, *token;
	int fd = mkstemp(path);

	close(fd);
	unlink(path);
	if (keyring_create(path) == 0)
		keys = keyring_load(path);
	unlink(path);
	if (!ok(keys != NULL, "a key"))
		return;
	url = mail_unsubscribe_url(keys, "https://p.example", &project, &user, mem);
	token = strstr(url, "token=") + 6;
	ok(mail_unsubscribe_right(keys, &project, &user, token), "its token is good");
	ok(!mail_unsubscribe_right(keys, &project, &other, token), "for that user alone");
	ok(!mail_unsubscribe_right(keys, &other, &user, token), "and that project");
	ok(!mail_unsubscribe_right(keys, &project, &user, "AAAA"), "another one is not");
	project.b[15] = 3;
	ok(mail_unsubscribe_right(keys, &project, &user, token), "a reset changes nothing");
	keyring_free(keys);
}

int
main(void)
{
	struct arena *mem = arena_new();

	crypto_start();
	test_plain(mem);
	test_encoded(mem);
	test_names(mem);
	test_lines(mem);
	test_kinds(mem);
	test_unsubscribe(mem);
	arena_free(mem);
	return tap_done();
}
