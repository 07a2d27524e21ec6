#ifndef LIB_TOKEN_PURPOSE_H
#define LIB_TOKEN_PURPOSE_H

/* What a token of a person is good for, and for how long: user_tokens.purpose. */
enum token_purpose { TOKEN_PASSWORD_RESET = 1, TOKEN_EMAIL_VERIFY = 2, TOKEN_EMAIL_CHANGE = 3 };

#define TOKEN_PASSWORD_RESET_S 3600
#define TOKEN_EMAIL_VERIFY_S (2 * 86400)
#define TOKEN_EMAIL_CHANGE_S 86400

/* In front of every such token. */
#define USER_TOKEN_PREFIX "put_"

#endif
