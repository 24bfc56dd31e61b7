/* live_presence.c - what a follower shows of itself: the newest value is kept here, and at most one
 * every PRESENCE_POST_MS goes home, however much is said. See presence_hub.h. */
#include "core/base/metric.h"
#include "net/api/live_impl.h"

static void live_presence_post(struct live *l, enum presence_verb verb)
{
    struct mail_presence *m = MEM_NEW(struct mail_presence);
    m->board = l->board;
    m->member = l->actor.member;
    m->sid = l->sid;
    m->verb = verb;
    m->at = l->presence;
    l->presence_ms = loop_now_ms(l->shard->loop);
    shard_post_presence(l->shard, m);
}

/* Only people are seen: the operator and whoever has not joined are not. */
static bool live_is_seen(const struct live *l)
{
    return l->present && !l->closing;
}

void live_presence_join(struct live *l)
{
    if (l->actor.system || l->present) return;
    l->present = true;
    live_presence_post(l, PRESENCE_PUT);
}

void live_presence_leave(struct live *l)
{
    if (chain_linked(&l->on_presences)) chain_unlink(&l->on_presences);
    if (!l->present) return;
    l->present = false;
    live_presence_post(l, PRESENCE_LEAVE);
}

void live_presence(struct live *l, const json_t *message)
{
    struct fault fault = { 0 };
    metric_add(METRIC_presence_in_total, 1);
    if (presence_merge(&l->presence, json_object_get(message, "d"), &fault) != ERR_OK) {
        live_error(l, NULL, &fault);
        return;
    }
    /* What is said before the join goes with it. */
    if (live_is_seen(l) && !chain_linked(&l->on_presences))
        chain_push(&l->shard->presences, &l->on_presences);
}

void live_presence_turn(struct shard *s)
{
    int64_t now_ms = loop_now_ms(s->loop);
    chain_each(&s->presences, on)
    {
        struct live *l = chain_entry(on, struct live, on_presences);
        if (now_ms - l->presence_ms < PRESENCE_POST_MS) continue;
        chain_unlink(on);
        if (live_is_seen(l)) live_presence_post(l, PRESENCE_PUT);
    }
}

/* The roster of a joiner's `live`: the list in the newest {"t":"roster","u":[..],"n":..}. */
struct slice live_roster(const struct live *l)
{
    const struct board_entry *e = l->entry;
    if (!e->present) return SLICE("[]");
    struct slice text = blob_slice(e->present);
    const char *open = memchr(text.ptr, '[', text.len);
    const char *close = memrchr(text.ptr, ']', text.len);
    CHECK(open && close && open < close);
    return slice_of(open, (size_t)(close - open) + 1);
}
