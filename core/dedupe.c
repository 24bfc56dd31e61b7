#include "core/dedupe.h"

#define HOUR_MS ((int64_t)3600000)

static bool is_request(struct slice cl)
{
    if (cl.len != 1 + CLIENT_REQUEST_HEX || cl.ptr[0] != CLIENT_REQUEST_MARK) return false;
    for (size_t i = 1; i < cl.len; i++)
        if (!((cl.ptr[i] >= '0' && cl.ptr[i] <= '9') || (cl.ptr[i] >= 'a' && cl.ptr[i] <= 'f')))
            return false;
    return true;
}

int64_t client_kept_ms(struct slice cl)
{
    return is_request(cl) ? REQUEST_ROW_HOURS * HOUR_MS : CLIENT_ROW_DAYS * 24 * HOUR_MS;
}

void dedupe_init(struct dedupe *d)
{
    *d = (struct dedupe){0};
}

static enum client_age age_of(const struct client *c)
{
    if (c->row.last_n == 0) return CLIENT_UNACCEPTED;
    return is_request(c->row.cl) ? CLIENT_REQUEST : CLIENT_LASTING;
}

/* It was used: behind all others of its age. */
static void client_used(struct dedupe *d, struct client *c)
{
    DL_DELETE(d->oldest[c->age], c);
    c->age = age_of(c);
    DL_APPEND(d->oldest[c->age], c);
}

static void client_drop(struct dedupe *d, struct client *c)
{
    DL_DELETE(d->oldest[c->age], c);
    HASH_DEL(d->clients, c);
    mem_free(c);
}

void dedupe_fini(struct dedupe *d)
{
    struct client *c, *next;
    HASH_ITER(hh, d->clients, c, next)
    client_drop(d, c);
}

static size_t key_make(struct id actor, struct slice cl, char key[ID_BYTES + CLIENT_ID_CHARS_MAX])
{
    CHECK(cl.len > 0 && cl.len <= CLIENT_ID_CHARS_MAX);
    memcpy(key, actor.bytes, ID_BYTES);
    memcpy(key + ID_BYTES, cl.ptr, cl.len);
    return ID_BYTES + cl.len;
}

struct client *dedupe_find(const struct dedupe *d, struct id actor, struct slice cl)
{
    char key[ID_BYTES + CLIENT_ID_CHARS_MAX];
    struct client *found;
    HASH_FIND(hh, d->clients, key, key_make(actor, cl, key), found);
    return found;
}

static bool is_over(const struct dedupe *d, const struct client *c)
{
    return c->row.last_n == 0 || c->row.used_ms < d->now_ms - client_kept_ms(c->row.cl);
}

/* Clients of whom nothing was accepted are forgotten, oldest first: all that is known of them is
 * what was answered UNKNOWN. Then those that are past their time. */
static void make_room(struct dedupe *d)
{
    for (int age = 0; age < CLIENT_AGES; age++) {
        struct client *c, *next;
        DL_FOREACH_SAFE(d->oldest[age], c, next)
        {
            if (HASH_COUNT(d->clients) < CLIENTS_PER_BOARD_MAX) return;
            if (c->in_batch) continue;
            if (!is_over(d, c)) break; /* and none behind it is */
            client_drop(d, c);
        }
    }
}

struct client *dedupe_get(struct dedupe *d, struct id actor, struct slice cl)
{
    char key[ID_BYTES + CLIENT_ID_CHARS_MAX];
    size_t len = key_make(actor, cl, key);
    struct client *c = dedupe_find(d, actor, cl);
    if (c != NULL) return c;
    if (HASH_COUNT(d->clients) >= CLIENTS_PER_BOARD_MAX) make_room(d);
    c = mem_new(sizeof *c + len);
    memcpy(c->key, key, len);
    c->row.actor = actor;
    c->row.cl = slice_of(c->key + ID_BYTES, cl.len);
    c->age = CLIENT_UNACCEPTED;
    DL_APPEND(d->oldest[c->age], c);
    HASH_ADD_KEYPTR(hh, d->clients, c->key, len, c);
    return c;
}

static int compare_used(const struct client *a, const struct client *b)
{
    return a->row.used_ms < b->row.used_ms ? -1 : a->row.used_ms > b->row.used_ms;
}

void dedupe_load(struct dedupe *d, const struct client_row *rows, uint32_t count, int64_t now_ms)
{
    if (now_ms > d->now_ms) d->now_ms = now_ms;
    for (uint32_t i = 0; i < count; i++) {
        const struct client_row *row = &rows[i];
        if (row->cl.len == 0 || row->cl.len > CLIENT_ID_CHARS_MAX ||
                row->refused_count > REFUSED_KEPT)
            continue;
        if (row->used_ms < now_ms - client_kept_ms(row->cl)) continue;
        struct client *c = dedupe_get(d, row->actor, row->cl);
        struct slice cl = c->row.cl;
        c->row = *row;
        c->row.cl = cl;
        client_used(d, c);
    }
    for (int age = 0; age < CLIENT_AGES; age++)
        DL_SORT(d->oldest[age], compare_used);
}

void dedupe_save(struct client *c, struct arena *a, struct dedupe_undo **undo)
{
    if (c->in_batch) return;
    struct dedupe_undo *u = ARENA_NEW(a, struct dedupe_undo);
    *u = (struct dedupe_undo){.next = *undo, .client = c, .row = c->row};
    c->in_batch = true;
    *undo = u;
}

/* Whatever is between two accepted ones was not accepted. */
void dedupe_accept(struct dedupe *d, struct client *c, uint64_t n, uint64_t seq, int64_t now_ms)
{
    struct client_row *row = &c->row;
    uint64_t from = n < REFUSED_KEPT ? 1 : n - REFUSED_KEPT + 1;
    uint32_t kept = 0;
    CHECK(n > row->last_n);
    for (uint32_t i = 0; i < row->refused_count; i++)
        if (row->refused[i] >= from) row->refused[kept++] = row->refused[i];
    if (is_request(row->cl)) from = n; /* its numbers are hashes: nobody asks about those between */
    for (uint64_t m = row->last_n + 1 > from ? row->last_n + 1 : from; m < n; m++)
        row->refused[kept++] = m;
    row->refused_count = kept;
    row->last_n = n;
    row->seq = seq;
    row->used_ms = now_ms;
    if (now_ms > d->now_ms) d->now_ms = now_ms;
    client_used(d, c);
}

/* Into the ascending list, without doubles; the lowest count when it is full. */
void client_unknown(struct client *c, uint64_t n)
{
    uint32_t at = 0;
    if (n <= c->row.last_n) return;
    while (at < c->unknown_count && c->unknown[at] < n)
        at++;
    if (at == REFUSED_KEPT || (at < c->unknown_count && c->unknown[at] == n)) return;
    if (c->unknown_count == REFUSED_KEPT) c->unknown_count--;
    memmove(c->unknown + at + 1, c->unknown + at, (c->unknown_count - at) * sizeof *c->unknown);
    c->unknown[at] = n;
    c->unknown_count++;
}

bool client_in_order(struct client *c, uint64_t n)
{
    while (c->unknown_count > 0 && (c->unknown[0] <= c->row.last_n || c->unknown[0] == n))
        memmove(c->unknown, c->unknown + 1, --c->unknown_count * sizeof *c->unknown);
    return c->unknown_count == 0 || c->unknown[0] > n;
}

void dedupe_adopt(struct dedupe *d, const struct dedupe *old)
{
    for (const struct client *was = old->clients; was != NULL; was = was->hh.next) {
        if (was->unknown_count == 0) continue;
        struct client *c = dedupe_get(d, was->row.actor, was->row.cl);
        for (uint32_t i = 0; i < was->unknown_count; i++)
            client_unknown(c, was->unknown[i]);
    }
}

void dedupe_rollback(struct dedupe *d, struct dedupe_undo *undo)
{
    for (; undo != NULL; undo = undo->next) {
        struct client *c = undo->client;
        CHECK(c->in_batch);
        c->row = undo->row;
        c->in_batch = false;
        client_used(d, c);
        if (c->row.last_n == 0 && c->unknown_count == 0) client_drop(d, c);
    }
}

void dedupe_commit(struct dedupe_undo *undo)
{
    for (; undo != NULL; undo = undo->next)
        undo->client->in_batch = false;
}
