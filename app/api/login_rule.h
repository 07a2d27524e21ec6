#ifndef APP_API_LOGIN_RULE_H
#define APP_API_LOGIN_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/bucket.h"

/*
 * How often somebody may try to log in. Pure. Tries that fail are counted for the network that they
 * come from and for the address that they name, whether anybody has it or not. A network has a
 * bucket of them. The address only delays, and only callers whose network had no good login of it
 * lately: such a caller is told when its turn is, and then has it whatever others do meanwhile, so
 * that nobody can lock an owner out. Who is known has a bucket for network and address together,
 * and nothing else delays it.
 */

#define LOGIN_FREE_TRIES 3   /* failures of an address before the next try is delayed */
#define LOGIN_DELAY_MAX_S 30 /* 1, 2, 4, 8, 16, 30, 30 ... */
#define LOGIN_FORGET_S 3600  /* failures of an address count until it had none for so long */
#define LOGIN_TURN_S 60      /* a turn is kept for so long */
#define LOGIN_KNOWN_TRIES 20 /* bucket of a known caller */
#define LOGIN_KNOWN_INTERVAL_S 30

/* What is stored about a caller; TIME_NONE: nothing. */
struct login_facts {
	bool known;
	struct bucket network;        /* of all from there */
	struct bucket pair;           /* of this address from there, when known */
	int64_t failed, failed_at_us; /* of the address */
	int64_t turn_us;              /* when this caller may come, as it was told */
};

struct login_verdict {
	int64_t wait_us; /* 0: try now */
	bool network;    /* it is the network that has to wait */
	int64_t turn_us; /* to be stored for this caller; TIME_NONE: nothing */
};

/* No counts at all. */
struct login_facts login_rule_nothing(void);
/* Seconds that a try has to come after the last of so many failures. */
int64_t login_rule_delay_s(int64_t failed);
/* `network`: the bucket of a network. */
struct login_verdict login_rule_judge(
    const struct login_facts *f, const struct bucket_rate *network, int64_t now_us);
/* Takes a token for a try that login_rule_judge() allowed, as if it failed. */
void login_rule_take(struct login_facts *f, const struct bucket_rate *network, int64_t now_us);

#endif
