/* Texts of mails, and their form. Invariant: what a text holds adds no header line. */
#include "lib/mail.h"

#include <string.h>
#include <time.h>

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/keyring.h"
#include "lib/utf8.h"

#define TEXT_BYTES_MAX 16384
#define LETTER_BYTES_MAX 65536
#define PLAIN_HEADER_MAX 60 /* longer ones are folded, as encoded words */
#define WORD_BYTES 42       /* of an encoded word, before base64: 75 characters at most */
#define LINE_MAX_QP 75
#define UNSUBSCRIBE_LABEL "mail unsubscribe"

static const struct mail_form {
	int number;
	enum mail_class class;
	const char *code, *subject, *body;
} forms[] = {
#define MAIL(NAME, number, code, CLASS, subject, body)                                             \
	{ number, MAIL_CLASS_##CLASS, code, subject, body },
#include "lib/mail.def"
#undef MAIL
};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

static const struct mail_form *
form_of(int64_t kind)
{
	for (size_t i = 0; i < FORMS; i++)
		if (forms[i].number == kind)
			return &forms[i];
	return NULL;
}

const char *
mail_code(int64_t kind)
{
	const struct mail_form *f = form_of(kind);

	return f != NULL ? f->code : NULL;
}

enum mail_class
mail_class(enum mail_kind kind)
{
	const struct mail_form *f = form_of(kind);

	return f != NULL ? f->class : MAIL_CLASS_SECURITY;
}

static const char *
fact_of(const struct mail_facts *f, const char *name, size_t len)
{
	const struct {
		const char *name, *value;
	} all[] = { { "address", f->address }, { "organization", f->organization }, { "by", f->by },
		{ "link", f->link }, { "until", f->until } };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strlen(all[i].name) == len && memcmp(all[i].name, name, len) == 0)
			return all[i].value != NULL ? all[i].value : "";
	return "";
}

/* Fills the facts in; on one line, what breaks lines is a blank. */
static void
fill_form(struct buf *b, const char *form, const struct mail_facts *f)
{
	const char *value, *end;

	for (; *form != '\0'; form++) {
		end = *form == '{' ? strchr(form, '}') : NULL;
		if (end == NULL) {
			(void)buf_putc(b, *form);
			continue;
		}
		for (value = fact_of(f, form + 1, (size_t)(end - form - 1)); *value != '\0';
		     value++)
			(void)buf_putc(b, (unsigned char)*value < ' ' ? ' ' : *value);
		form = end;
	}
}

const char *
mail_text(enum mail_kind kind, const struct mail_facts *facts, struct arena *mem)
{
	const struct mail_form *f = form_of(kind);
	const char *out;
	struct buf b;

	buf_init(&b, TEXT_BYTES_MAX);
	if (f != NULL) {
		fill_form(&b, f->subject, facts);
		(void)buf_puts(&b, "\n\n");
		fill_form(&b, f->body, facts);
	}
	out = arena_strdup(mem, buf_str(&b));
	buf_free(&b);
	return out;
}

static bool
is_plain(const char *text, const char *also_not)
{
	const char *p = text;

	while (*p >= ' ' && *p <= '~' && strchr(also_not, *p) == NULL)
		p++;
	return *p == '\0' && p - text <= PLAIN_HEADER_MAX && strstr(text, "=?") == NULL;
}

/* The text, or encoded words of it (RFC 2047), each on a line of its own. */
static void
add_encoded_words(struct buf *b, const char *text, const char *also_not)
{
	char word[CRYPTO_BASE64_SIZE(WORD_BYTES)];
	size_t len = strlen(text), n;
	const char *fold = "";

	if (is_plain(text, also_not)) {
		(void)buf_puts(b, text);
		return;
	}
	for (; len > 0; text += n, len -= n) {
		n = utf8_cut(text, len, WORD_BYTES);
		if (n == 0)
			return;
		(void)buf_printf(b, "%s=?utf-8?B?%s?=", fold, crypto_base64(text, n, word));
		fold = "\r\n ";
	}
}

static void
add_date(struct buf *b, int64_t us)
{
	time_t s = (time_t)(us / US_PER_S);
	char text[64] = "";
	struct tm tm;

	if (gmtime_r(&s, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	(void)buf_header(b, "Date", text);
}

static void
add_headers(struct buf *b, const struct mail_letter *l, const char *subject, bool plain)
{
	char id[UUID_TEXT_SIZE];

	(void)buf_puts(b, "From: ");
	add_encoded_words(b, l->name, "\"(),.:;<>@[\\]");
	(void)buf_printf(b, " <%s>\r\nTo: <%s>\r\nSubject: ", l->from, l->to);
	add_encoded_words(b, subject, "");
	(void)buf_puts(b, "\r\n");
	add_date(b, l->created_us);
	(void)buf_printf(b, "Message-ID: <%s@%s>\r\n", uuid_format(&l->id, id), l->host);
	(void)buf_puts(b, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
			  "Content-Type: text/plain; charset=utf-8\r\n");
	(void)buf_header(b, "Content-Transfer-Encoding", plain ? "7bit" : "quoted-printable");
	if (l->unsubscribe != NULL)
		(void)buf_printf(b,
		    "List-Unsubscribe: <%s>\r\n"
		    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
		    l->unsubscribe);
	(void)buf_puts(b, "\r\n");
}

/* Only ASCII, in lines that every server takes. */
static bool
body_is_plain(const char *body)
{
	size_t at = 0;

	for (; *body != '\0'; body++) {
		at = *body == '\n' ? 0 : at + 1;
		if (((unsigned char)*body < ' ' && *body != '\n') || *body > '~' || *body < 0 ||
		    at > 900)
			return false;
	}
	return true;
}

static void
add_plain_body(struct buf *b, const char *body)
{
	for (; *body != '\0'; body++) {
		if (*body == '\n')
			(void)buf_putc(b, '\r');
		(void)buf_putc(b, *body);
	}
}

/* Quoted-printable (RFC 2045, 6.7). */
static void
add_quoted_body(struct buf *b, const char *body)
{
	size_t at = 0;

	for (; *body != '\0'; body++) {
		unsigned char c = (unsigned char)*body;
		bool raw = c > ' ' && c <= '~' && c != '=';

		if (c == '\n') {
			(void)buf_puts(b, "\r\n");
			at = 0;
			continue;
		}
		raw = raw || (c == ' ' && body[1] != '\n' && body[1] != '\0');
		if (at + (raw ? 1 : 3) > LINE_MAX_QP) {
			(void)buf_puts(b, "=\r\n");
			at = 0;
		}
		at += raw ? 1 : 3;
		if (raw)
			(void)buf_putc(b, *body);
		else
			(void)buf_printf(b, "=%02X", c);
	}
}

const char *
mail_letter(const struct mail_letter *l, struct arena *mem, size_t *len)
{
	const char *end = strchr(l->text, '\n'), *body = strstr(l->text, "\n\n");
	const char *subject, *out;
	struct buf b;

	subject = end != NULL ? arena_strndup(mem, l->text, (size_t)(end - l->text)) : l->text;
	body = body != NULL ? body + 2 : "";
	buf_init(&b, LETTER_BYTES_MAX);
	add_headers(&b, l, subject, body_is_plain(body));
	if (body_is_plain(body))
		add_plain_body(&b, body);
	else
		add_quoted_body(&b, body);
	*len = b.len;
	out = arena_strdup(mem, buf_str(&b));
	buf_free(&b);
	return out;
}

static void
sign_unsubscribe(const struct uuid *project, const struct uuid *user, unsigned char data[32])
{
	struct uuid shown = uuid_project_shown(project);

	memcpy(data, shown.b, sizeof(shown.b));
	memcpy(data + sizeof(shown.b), user->b, sizeof(user->b));
}

const char *
mail_unsubscribe_url(const struct keyring *keys, const char *public_url, const struct uuid *project,
    const struct uuid *user, struct arena *mem)
{
	unsigned char data[32], mac[SHA256_SIZE];
	char token[CRYPTO_BASE64_SIZE(sizeof(mac))], w[UUID_TEXT_SIZE], u[UUID_TEXT_SIZE];

	sign_unsubscribe(project, user, data);
	keyring_sign(keys, UNSUBSCRIBE_LABEL, data, sizeof(data), mac);
	return arena_printf(mem, "%s/v1/email/unsubscribe?workspace_id=%s&user_id=%s&token=%s",
	    public_url, uuid_format_project(project, w), uuid_format(user, u),
	    crypto_base64url(mac, sizeof(mac), token));
}

bool
mail_unsubscribe_right(const struct keyring *keys, const struct uuid *project,
    const struct uuid *user, const char *token)
{
	unsigned char data[32], mac[SHA256_SIZE];

	sign_unsubscribe(project, user, data);
	return crypto_base64_decode(token, true, mac, sizeof(mac)) == (int)sizeof(mac) &&
	       keyring_signed(keys, UNSUBSCRIBE_LABEL, data, sizeof(data), mac);
}
