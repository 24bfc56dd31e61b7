/* bucket.h - token bucket: rates with a burst, driven by the caller's clock. One thread. */
#ifndef TAVLA_BASE_BUCKET_H
#define TAVLA_BASE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct bucket {
    int64_t at_ms;  /* when `milli` was right */
    uint64_t milli; /* thousandths of a token left */
};

struct bucket_rate {
    uint32_t per_second;
    uint32_t burst;
};

void bucket_init(struct bucket *b, struct bucket_rate rate, int64_t now_ms); /* full */
/* Takes one token; false: none left. */
bool bucket_take(struct bucket *b, struct bucket_rate rate, int64_t now_ms);
/* Until a token is there; 0: now. */
int64_t bucket_wait_ms(const struct bucket *b, struct bucket_rate rate, int64_t now_ms);

#endif
