#ifndef APP_SANDBOX_BOARDS_H
#define APP_SANDBOX_BOARDS_H

#include <stdbool.h>
#include <stdint.h>

struct call;

/* GET /user_account */
void boards_account(struct call *c);
/* GET, POST /boards; GET, PATCH, DELETE /boards/{id} */
void boards_list(struct call *c);
void boards_create(struct call *c);
void boards_show(struct call *c);
void boards_change(struct call *c);
void boards_delete(struct call *c);
/* The user has that board; else the reply is 404/40. */
bool boards_mine(struct call *c, int64_t id);

#endif
