#ifndef APP_API_IMPORT_BOARDS_H
#define APP_API_IMPORT_BOARDS_H

#include "lib/db/db.h"

struct call;
struct import_rows;

/*
 * Asks the question of POST /v1/pins, may this account publish to this board, once for each pair
 * that the rows name, and marks the rows that must fail. An account with many boards is listed
 * instead; calls and time are limited, and a warning names the boards that could not be asked for.
 * Accounts and ids that the worker refuses anyway are left to it. Never call it in a transaction.
 */
enum db_rc import_boards_check(struct call *c, struct import_rows *rows);

#endif
