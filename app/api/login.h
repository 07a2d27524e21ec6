#ifndef APP_API_LOGIN_H
#define APP_API_LOGIN_H

struct call;

/*
 * Accept the invitation that c->json has as `invite_token`, as POST /v1/auth/login and
 * POST /v1/auth/register do, but open no session: the reply is a message, or the same refusal.
 */
void login_join(struct call *c);
void login_join_new(struct call *c);

#endif
