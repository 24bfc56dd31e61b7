/* fuzz_log_record.c - event_decode takes any record and any old part: it never crashes, what it
 * refuses it explains, and what it takes is written to a text that decodes to the same text
 * again.
 *
 * Input: four bytes, little-endian, the length of the public part; the public part; the old
 * part. */
#include "tests/fuzz/fuzz.h"

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/effect.h"

#define ARENA_BYTES_MAX MIB(256)

static struct arena arena;

static struct slice taken(struct buf *text)
{
    CHECK(buf_ok(text));
    struct slice copy = arena_dup(&arena, buf_slice(text));
    buf_fini(text);
    return copy;
}

static struct slice effects_text(const struct event *e)
{
    struct buf text;
    buf_init(&text, MIB(16));
    struct json_out j = json_out(&text);
    effects_write(&j, e->effects, e->effect_count);
    return taken(&text);
}

static struct slice old_text(const struct event *e)
{
    struct buf text;
    buf_init(&text, MIB(16));
    struct json_out j = json_out(&text);
    effects_write_old(&j, e->effects, e->effect_count);
    return taken(&text);
}

/* The same record around other effects. No string can hold the member's key with bare quotes, so
 * the first one is it. */
static struct slice record_with(struct slice public_json, struct slice effects)
{
    static const char key[] = ",\"e\":";
    const char *at = memmem(public_json.ptr, public_json.len, key, sizeof(key) - 1);
    struct buf text;
    CHECK(at != NULL);
    buf_init(&text, MIB(16));
    buf_add(&text, slice_of(public_json.ptr, (size_t)(at - public_json.ptr)));
    BUF_ADD(&text, ",\"e\":");
    buf_add(&text, effects);
    BUF_ADD(&text, ",\"h\":\"0123456789abcdef\"}");
    return taken(&text);
}

static bool decode(struct slice public_json, struct slice old_json, struct event *ret_event)
{
    struct fault fault = {0};
    enum err err = event_decode(&arena, public_json, old_json, ret_event, &fault);
    CHECK(err == ERR_OK || err == ERR_CORRUPT);
    CHECK(IMPLIES(err != ERR_OK, fault.wrong[0] != '\0'));
    return err == ERR_OK;
}

static void check_public(struct slice public_json)
{
    struct event e, again;
    if (!decode(public_json, slice_of(NULL, 0), &e)) return;
    struct slice first = effects_text(&e);
    CHECK(decode(record_with(public_json, first), slice_of(NULL, 0), &again));
    CHECK(slice_eq(effects_text(&again), first));
    CHECK(again.seq == e.seq && again.ts == e.ts && again.n == e.n && slice_eq(again.cl, e.cl));
    event_fini(&again);
    event_fini(&e);
}

static void check_old(struct slice public_json, struct slice old_json)
{
    struct event e, again;
    if (old_json.len == 0 || !decode(public_json, old_json, &e)) return;
    struct slice first = old_text(&e);
    CHECK(decode(public_json, first, &again));
    CHECK(slice_eq(old_text(&again), first));
    event_fini(&again);
    event_fini(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    if (!started) {
        json_start();
        arena_init(&arena, KIB(64), ARENA_BYTES_MAX);
    }
    started = true;
    if (size < 4 || size > KIB(64)) return 0;
    size_t len =
            (size_t)data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16 | (size_t)data[3] << 24;
    struct slice rest = slice_of(data + 4, size - 4);
    struct slice public_json = slice_head(rest, len);
    struct slice old_json = slice_from(rest, public_json.len);
    check_public(public_json);
    check_old(public_json, old_json);
    arena_reset(&arena);
    return 0;
}
