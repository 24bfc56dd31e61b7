#include "core/base/bucket.h"

#include "core/base/check.h"

/* A rate of n per second is n thousandths of a token per millisecond, so nothing is rounded. */
#define TOKEN 1000

void bucket_init(struct bucket *b, struct bucket_rate rate, int64_t now_ms)
{
    b->at_ms = now_ms;
    b->milli = (uint64_t)rate.burst * TOKEN;
}

/* What the bucket holds at now_ms. A clock that went back adds nothing. */
static uint64_t milli_at(const struct bucket *b, struct bucket_rate rate, int64_t now_ms)
{
    uint64_t full = (uint64_t)rate.burst * TOKEN;
    uint64_t elapsed_ms = now_ms > b->at_ms ? (uint64_t)now_ms - (uint64_t)b->at_ms : 0;
    uint64_t gained, milli;
    if (__builtin_mul_overflow(elapsed_ms, (uint64_t)rate.per_second, &gained) ||
            __builtin_add_overflow(b->milli, gained, &milli))
        return full;
    return milli < full ? milli : full;
}

bool bucket_take(struct bucket *b, struct bucket_rate rate, int64_t now_ms)
{
    b->milli = milli_at(b, rate, now_ms);
    b->at_ms = now_ms;
    if (b->milli < TOKEN) return false;
    b->milli -= TOKEN;
    return true;
}

int64_t bucket_wait_ms(const struct bucket *b, struct bucket_rate rate, int64_t now_ms)
{
    CHECK(rate.per_second > 0 && rate.burst > 0);
    uint64_t milli = milli_at(b, rate, now_ms);
    if (milli >= TOKEN) return 0;
    return (int64_t)((TOKEN - milli + rate.per_second - 1) / rate.per_second);
}
