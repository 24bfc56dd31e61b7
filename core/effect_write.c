#include "core/effect.h"

#define SEAL_TAIL_BYTES  (sizeof(",\"h\":\"") - 1 + 16 + sizeof("\"}") - 1)
#define SEAL_FIXED_BYTES 256 /* everything around cl, e, ow and tx */

static void write_ids(struct json_out *j, const struct effect *fx)
{
    if (fx->id_count == 1) {
        json_id(j, fx->ids[0]);
        return;
    }
    json_array_begin(j);
    for (uint32_t i = 0; i < fx->id_count; i++)
        json_id(j, fx->ids[i]);
    json_array_end(j);
}

/* A value that may be an array or an object by itself is never written once for many ids. */
static bool must_spread(const struct effect *fx, const struct effect_column *c)
{
    enum field_type type = field_info(c->field)->type;
    return fx->id_count > 1 && (type == FIELD_SET || type == FIELD_JSON);
}

static void write_column(struct json_out *j, const struct effect *fx, const struct effect_column *c)
{
    if (c->count == 1 && !must_spread(fx, c)) {
        value_write(j, &c->values[0]);
        return;
    }
    json_array_begin(j);
    for (uint32_t i = 0; i < fx->id_count; i++)
        value_write(j, &c->values[c->count == 1 ? 0 : i]);
    json_array_end(j);
}

/* Into canonical order, where they stand, as it means nothing to anybody else. They nearly always
 * came so. */
static void columns_sort(const struct effect *fx)
{
    for (uint32_t i = 1; i < fx->column_count; i++) {
        struct effect_column *column = &fx->columns[i];
        for (; column > fx->columns && column[-1].field >= column->field; column--) {
            CHECK(column[-1].field != column->field);
            struct effect_column later = column[-1];
            column[-1] = *column;
            *column = later;
        }
    }
}

static struct slice key_of(const struct effect *fx, enum field f)
{
    const struct field_info *info = field_info(f);
    CHECK(info->kind == fx->kind);
    return info->key;
}

static void write_text(struct json_out *j, const struct effect *fx, const struct effect_text *text)
{
    json_begin(j, key_of(fx, text->field));
    json_str(j, text->text);
}

/* No kind has two texts, so there is at most one to be put between the columns. */
static void write_fields(struct json_out *j, const struct effect *fx)
{
    const struct effect_column *columns = fx->columns;
    const struct effect_text *text =
            fx->form == EFFECT_ADD && fx->text_count > 0 ? fx->texts : NULL;
    columns_sort(fx);
    json_object_begin(j);
    for (uint32_t i = 0; i < fx->column_count; i++) {
        if (text != NULL && text->field < columns[i].field) {
            write_text(j, fx, text);
            text = NULL;
        }
        json_begin(j, key_of(fx, columns[i].field));
        write_column(j, fx, &columns[i]);
    }
    if (text != NULL) write_text(j, fx, text);
    json_object_end(j);
}

static struct slice form_begin(enum effect_form form)
{
    switch (form) {
    case EFFECT_ADD: return SLICE("[\"add\",");
    case EFFECT_SET: return SLICE("[\"set\",");
    case EFFECT_DEL: return SLICE("[\"del\",");
    case EFFECT_TAG: return SLICE("[\"tag\",");
    case EFFECT_TXT: return SLICE("[\"txt\",");
    }
    UNREACHABLE();
}

void effect_write(struct json_out *j, const struct effect *fx)
{
    json_begin(j, form_begin(fx->form));
    json_raw(j, kind_info(fx->kind)->json);
    write_ids(j, fx);
    switch (fx->form) {
    case EFFECT_ADD:
    case EFFECT_SET: write_fields(j, fx); break;
    case EFFECT_DEL: break;
    case EFFECT_TAG:
        json_raw(j, field_json(fx->field));
        json_id(j, fx->element);
        json_u64(j, fx->on ? 1 : 0);
        break;
    case EFFECT_TXT:
        json_raw(j, field_json(fx->field));
        delta_write(j, &fx->delta);
        break;
    }
    json_array_end(j);
}

void effects_write(struct json_out *j, const struct effect *effects, uint32_t count)
{
    json_array_begin(j);
    for (uint32_t i = 0; i < count; i++)
        effect_write(j, &effects[i]);
    json_array_end(j);
}

/* -- what was replaced */

static void write_old_s(struct json_out *j, const struct effect *fx)
{
    json_begin(j, SLICE("\"s\":["));
    for (uint32_t i = 0; i < fx->id_count; i++)
        json_u64(j, fx->old_s[i]);
    json_array_end(j);
}

static void write_old_set(struct json_out *j, const struct effect *fx)
{
    const struct effect_column *columns = fx->columns;
    columns_sort(fx);
    write_old_s(j, fx);
    json_begin(j, SLICE("\"v\":{"));
    for (uint32_t c = 0; c < fx->column_count; c++) {
        CHECK(columns[c].count == fx->id_count);
        json_begin(j, key_of(fx, columns[c].field));
        json_array_begin(j);
        for (uint32_t i = 0; i < fx->id_count; i++)
            value_write(j, &columns[c].values[i]);
        json_array_end(j);
    }
    json_object_end(j);
}

static void write_old_del(struct json_out *j, const struct effect *fx)
{
    JSON_KEY(j, "o");
    json_array_begin(j);
    for (uint32_t i = 0; i < fx->id_count; i++) {
        if (i > 0) buf_add_char(j->buf, ',');
        object_write(fx->objects[i], j->buf);
    }
    json_array_end(j);
    JSON_KEY(j, "t");
    json_array_begin(j);
    for (uint32_t i = 0; i < fx->text_count; i++) {
        json_array_begin(j);
        json_u64(j, fx->texts[i].index);
        json_raw(j, field_json(fx->texts[i].field));
        json_u64(j, fx->texts[i].s);
        json_str(j, fx->texts[i].text);
        json_array_end(j);
    }
    json_array_end(j);
}

static void write_old_tag(struct json_out *j, const struct effect *fx)
{
    JSON_KEY(j, "at");
    json_array_begin(j);
    for (uint32_t i = 0; i < fx->id_count; i++)
        json_num(j, fx->was[i] ? (double)fx->places[i] : -1);
    json_array_end(j);
    write_old_s(j, fx);
}

void effect_write_old(struct json_out *j, const struct effect *fx)
{
    json_object_begin(j);
    switch (fx->form) {
    case EFFECT_ADD:
        if (fx->old_next_short == 0) break;
        JSON_KEY(j, "next");
        json_u64(j, fx->old_next_short);
        break;
    case EFFECT_SET: write_old_set(j, fx); break;
    case EFFECT_DEL: write_old_del(j, fx); break;
    case EFFECT_TAG: write_old_tag(j, fx); break;
    case EFFECT_TXT:
        if (fx->has_inverse) {
            JSON_KEY(j, "d");
            delta_write(j, &fx->inverse);
            JSON_KEY(j, "ds");
            json_u64(j, fx->old_doc_s);
        }
        JSON_KEY(j, "s");
        json_u64(j, fx->old_s[0]);
        break;
    }
    json_object_end(j);
}

void effects_write_old(struct json_out *j, const struct effect *effects, uint32_t count)
{
    json_array_begin(j);
    for (uint32_t i = 0; i < count; i++)
        effect_write_old(j, &effects[i]);
    json_array_end(j);
}

/* -- sealing */

static void seal_members(
        struct json_out *j, const struct board *b, const struct event *e, struct slice effects_json)
{
    json_begin(j, SLICE("{\"t\":\"op\",\"b\":"));
    json_id(j, b->id);
    JSON_KEY(j, "s");
    json_u64(j, e->seq);
    JSON_KEY(j, "by");
    json_id(j, e->by);
    JSON_KEY(j, "ts");
    json_num(j, (double)e->ts);
    if (e->cl.len > 0) {
        JSON_KEY(j, "cl");
        json_str(j, e->cl);
        JSON_KEY(j, "n");
        json_u64(j, e->n);
    }
    JSON_KEY(j, "e");
    json_raw(j, effects_json);
    if (e->ow.len > 0) {
        JSON_KEY(j, "ow");
        json_raw(j, e->ow);
    }
    if (e->tx.len > 0) {
        JSON_KEY(j, "tx");
        json_raw(j, e->tx);
    }
}

void event_seal(struct board *b, struct event *e, struct arena *a, struct slice effects_json,
        struct slice old_json)
{
    CHECK(e->applied && e->seq == b->head.seq + 1);
    if (e->ts < b->head.ts) e->ts = b->head.ts;
    /* A buf over the arena's memory: it has the room for the longest case, so it never grows. */
    size_t room = SEAL_FIXED_BYTES + e->cl.len * 6 + effects_json.len + e->ow.len + e->tx.len;
    struct buf text = {.ptr = arena_raw(a, room), .cap = room, .bytes_max = room};
    struct json_out j = json_out(&text);
    seal_members(&j, b, e, effects_json);
    CHECK(buf_ok(&text));
    e->old_json = arena_dup(a, old_json);
    e->chain = hash_chain(b->head.chain, buf_slice(&text), e->old_json);
    char h[17];
    hash_head_format(e->chain, h);
    JSON_KEY(&j, "h");
    json_str(&j, slice_of(h, 16));
    json_object_end(&j);
    CHECK(buf_ok(&text));
    e->public_json = buf_slice(&text);
    event_follow(b, e);
}

bool event_chain(struct hash128 prev, struct slice public_json, struct slice old_json,
        struct hash128 *ret_chain)
{
    if (public_json.len < SEAL_TAIL_BYTES) return false;
    struct slice body = slice_head(public_json, public_json.len - SEAL_TAIL_BYTES);
    struct slice tail = slice_from(public_json, body.len);
    struct hash128 chain = hash_chain(prev, body, old_json);
    char h[17];
    hash_head_format(chain, h);
    if (!slice_starts(tail, SLICE(",\"h\":\"")) || !slice_ends(tail, SLICE("\"}"))) return false;
    if (memcmp(tail.ptr + 6, h, 16) != 0) return false;
    *ret_chain = chain;
    return true;
}
