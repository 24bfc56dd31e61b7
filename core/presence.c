#include "core/presence.h"

#include "core/base/json.h"

/* -- what a session says of itself */

static bool merge_id(const json_t *value, struct id *id)
{
    if (json_is_null(value)) {
        *id = (struct id){{0}};
        return true;
    }
    return json_is_string(value) && id_parse(json_slice(value), id);
}

static bool merge_field(const json_t *value, struct presence *p)
{
    memset(p->field, 0, sizeof p->field);
    if (json_is_null(value)) return true;
    if (!json_is_string(value)) return false;
    struct slice name = json_slice(value);
    if (name.len == 0 || name.len > PRESENCE_FIELD_CHARS_MAX) return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) return false;
    }
    memcpy(p->field, name.ptr, name.len);
    return true;
}

static bool merge_number(const json_t *value, uint64_t most, uint64_t *ret)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0) return false;
    *ret = (uint64_t)json_integer_value(value);
    return *ret <= most;
}

static bool merge_sel(const json_t *value, struct presence *p)
{
    uint64_t anchor = 0, head = 0, seq = 0;
    if (!json_is_null(value)) {
        if (!json_is_array(value) || json_array_size(value) != 3) return false;
        if (!merge_number(json_array_get(value, 0), TEXT_UNITS_MAX, &anchor)) return false;
        if (!merge_number(json_array_get(value, 1), TEXT_UNITS_MAX, &head)) return false;
        if (!merge_number(json_array_get(value, 2), (uint64_t)1 << 53, &seq)) return false;
    }
    p->has_sel = !json_is_null(value);
    p->anchor = (uint32_t)anchor;
    p->head = (uint32_t)head;
    p->seq = seq;
    return true;
}

static bool merge_drag(const json_t *value, struct presence *p)
{
    p->drag = p->drag_list = p->drag_after = (struct id){{0}};
    if (json_is_null(value)) return true;
    if (!json_is_object(value)) return false;
    const json_t *card = json_object_get(value, "card"), *list = json_object_get(value, "list"),
                 *after = json_object_get(value, "after");
    if (!json_is_string(card) || !id_parse(json_slice(card), &p->drag)) return false;
    if (!json_is_string(list) || !id_parse(json_slice(list), &p->drag_list)) return false;
    return !after || merge_id(after, &p->drag_after);
}

enum err presence_merge(struct presence *p, const json_t *d, struct fault *fault)
{
    struct presence new = *p;
    const json_t *value;
    if (!json_is_object(d))
        return fault_set(fault, ERR_INVALID, "d", "is not an object", "{\"card\":\"...\"}");
    if ((value = json_object_get(d, "card")) && !merge_id(value, &new.card))
        return fault_set(fault, ERR_INVALID, "d.card", "is not an id", "an id, or null");
    if ((value = json_object_get(d, "field")) && !merge_field(value, &new))
        return fault_set(
                fault, ERR_INVALID, "d.field", "is not a name", "1 to 16 letters, or null");
    if ((value = json_object_get(d, "sel")) && !merge_sel(value, &new))
        return fault_set(
                fault, ERR_INVALID, "d.sel", "is not a selection", "[anchor, head, seq], or null");
    if ((value = json_object_get(d, "drag")) && !merge_drag(value, &new))
        return fault_set(fault, ERR_INVALID, "d.drag", "is not a drag",
                "{\"card\":id,\"list\":id,\"after\":id or null}, or null");
    if ((value = json_object_get(d, "idle"))) new.idle = json_is_true(value);
    *p = new;
    return ERR_OK;
}

/* -- seats */

void presence_init(struct presence_table *t)
{
    memset(t, 0, sizeof *t);
    chain_init(&t->changed);
    chain_init(&t->waiting);
    chain_init(&t->busy);
    chain_init(&t->gone);
}

static void link_drop(struct chain_link *l)
{
    if (chain_linked(l)) chain_unlink(l);
}

static void seat_change(struct presence_table *t, struct seat *s)
{
    if (s->listed && !chain_linked(&s->on_changed)) chain_push(&t->changed, &s->on_changed);
}

static void seat_list(struct presence_table *t, struct seat *s)
{
    if (t->listed == PRESENCE_LISTED_MAX) {
        chain_push(&t->waiting, &s->on_waiting);
        return;
    }
    t->listed++;
    s->listed = true;
    seat_change(t, s);
}

/* Taken out of the table; the one that waited longest takes its place on the list. */
static void seat_free(struct presence_table *t, struct seat *s)
{
    bool listed = s->listed;
    if (s->told) {
        CHECK(t->left_count < PRESENCE_LISTED_MAX);
        t->left[t->left_count++] = s->sid;
    }
    link_drop(&s->on_changed);
    link_drop(&s->on_waiting);
    link_drop(&s->on_busy);
    link_drop(&s->on_gone);
    HASH_DEL(t->seats, s);
    mem_free(s);
    t->count--;
    if (!listed) return;
    t->listed--;
    struct chain_link *next = chain_pop(&t->waiting);
    if (next) seat_list(t, chain_entry(next, struct seat, on_waiting));
}

void presence_fini(struct presence_table *t)
{
    struct seat *s, *next;
    HASH_ITER(hh, t->seats, s, next)
    {
        HASH_DEL(t->seats, s);
        mem_free(s);
    }
}

static struct seat *seat_find(const struct presence_table *t, uint64_t sid)
{
    struct seat *s;
    HASH_FIND(hh, t->seats, &sid, sizeof sid, s);
    return s;
}

bool presence_has(const struct presence_table *t, uint64_t sid)
{
    return seat_find(t, sid) != NULL;
}

static bool is_busy(const struct presence *p)
{
    return p->field[0] != '\0' || p->has_sel || !id_is_none(p->drag);
}

/* Do the two look alike to others? Carets are not shown in a crowd. */
static bool looks_alike(const struct presence *a, const struct presence *b, bool carets)
{
    if (!id_eq(a->card, b->card) || strcmp(a->field, b->field) != 0 || a->idle != b->idle)
        return false;
    if (!id_eq(a->drag, b->drag) || !id_eq(a->drag_list, b->drag_list) ||
            !id_eq(a->drag_after, b->drag_after))
        return false;
    if (!carets) return true;
    return a->has_sel == b->has_sel && a->anchor == b->anchor && a->head == b->head &&
           a->seq == b->seq;
}

static bool carets_shown(const struct presence_table *t)
{
    return t->count <= PRESENCE_FEW;
}

static void seat_set(struct presence_table *t, struct seat *s, const struct presence *at)
{
    bool same = looks_alike(&s->at, at, carets_shown(t));
    s->at = *at;
    link_drop(&s->on_busy);
    if (is_busy(at)) chain_push(&t->busy, &s->on_busy);
    if (!same) seat_change(t, s);
}

void presence_put(struct presence_table *t, uint64_t sid, struct id member,
        const struct presence *at, int64_t now_ms)
{
    struct seat *s = seat_find(t, sid);
    if (!s) {
        chain_each(&t->gone, l)
        {
            struct seat *old = chain_entry(l, struct seat, on_gone);
            if (id_eq(old->member, member)) seat_free(t, old);
        }
        s = MEM_NEW(struct seat);
        s->sid = sid;
        s->member = member;
        HASH_ADD(hh, t->seats, sid, sizeof s->sid, s);
        t->count++;
        seat_list(t, s);
    }
    s->heard_ms = now_ms;
    seat_set(t, s, at);
}

void presence_drop(struct presence_table *t, uint64_t sid, int64_t now_ms)
{
    struct seat *s = seat_find(t, sid);
    if (!s || chain_linked(&s->on_gone)) return;
    s->gone_ms = now_ms;
    chain_push(&t->gone, &s->on_gone);
    /* The place is kept for a moment; hands and carets are not there any more. */
    struct presence at = {.card = s->at.card, .idle = s->at.idle};
    seat_set(t, s, &at);
}

void presence_forget(struct presence_table *t, struct id member)
{
    struct seat *s, *next;
    HASH_ITER(hh, t->seats, s, next)
    {
        if (!id_eq(s->member, member)) continue;
        seat_free(t, s);
        t->told_ms = INT64_MIN / 2;
    }
}

void presence_sweep(struct presence_table *t, int64_t now_ms)
{
    chain_each(&t->gone, l)
    {
        struct seat *s = chain_entry(l, struct seat, on_gone);
        if (now_ms - s->gone_ms < PRESENCE_GRACE_MS) break;
        seat_free(t, s);
    }
    chain_each(&t->busy, l)
    {
        struct seat *s = chain_entry(l, struct seat, on_busy);
        if (now_ms - s->heard_ms < PRESENCE_SILENCE_MS) break;
        struct presence at = {.card = s->at.card, .idle = s->at.idle};
        seat_set(t, s, &at);
    }
}

/* -- frames */

bool presence_wants(const struct presence_table *t)
{
    if (t->left_count > 0) return true;
    return t->count > 1 && (!chain_empty(&t->changed) || t->count != t->count_told);
}

bool presence_due(const struct presence_table *t, int64_t now_ms, bool pressed)
{
    int64_t pace_ms = PRESENCE_PACE_MS;
    if (t->count > PRESENCE_FEW) pace_ms = PRESENCE_PACE_CROWD_MS;
    if (t->count > PRESENCE_LISTED_MAX || pressed) pace_ms = PRESENCE_PACE_PRESSED_MS;
    return presence_wants(t) && now_ms - t->told_ms >= pace_ms;
}

static void sid_write(struct json_out *j, uint64_t sid)
{
    char text[17];
    snprintf(text, sizeof text, "%016llx", (unsigned long long)sid);
    json_str(j, slice_cstr(text));
}

static void drag_write(struct json_out *j, const struct presence *p)
{
    JSON_KEY(j, "drag");
    json_object_begin(j);
    JSON_KEY(j, "card");
    json_id(j, p->drag);
    JSON_KEY(j, "list");
    json_id(j, p->drag_list);
    JSON_KEY(j, "after");
    json_id(j, p->drag_after);
    json_object_end(j);
}

static void seat_write(struct json_out *j, const struct seat *s, bool named, bool carets)
{
    const struct presence *p = &s->at;
    json_array_begin(j);
    sid_write(j, s->sid);
    json_object_begin(j);
    if (named) {
        JSON_KEY(j, "idMember");
        json_id(j, s->member);
    }
    if (!id_is_none(p->card)) {
        JSON_KEY(j, "card");
        json_id(j, p->card);
    }
    if (p->field[0]) {
        JSON_KEY(j, "field");
        json_str(j, slice_cstr(p->field));
    }
    if (p->has_sel && carets) {
        JSON_KEY(j, "sel");
        json_array_begin(j);
        json_u64(j, p->anchor);
        json_u64(j, p->head);
        json_u64(j, p->seq);
        json_array_end(j);
    }
    if (!id_is_none(p->drag)) drag_write(j, p);
    if (p->idle) {
        JSON_KEY(j, "idle");
        json_bool(j, true);
    }
    json_object_end(j);
    json_array_end(j);
}

static void frame_begin(struct json_out *j, struct slice type)
{
    json_object_begin(j);
    JSON_KEY(j, "t");
    json_str(j, type);
    JSON_KEY(j, "u");
    json_array_begin(j);
}

static void frame_end(struct json_out *j, uint32_t count)
{
    JSON_KEY(j, "n");
    json_u64(j, count);
    json_object_end(j);
}

static void step_write(struct presence_table *t, struct buf *out)
{
    struct json_out j = json_out(out);
    frame_begin(&j, SLICE("pres"));
    chain_each(&t->changed, l)
    {
        struct seat *s = chain_entry(l, struct seat, on_changed);
        seat_write(&j, s, !s->told, carets_shown(t));
        s->told = true;
        chain_unlink(l);
    }
    json_array_end(&j);
    JSON_KEY(&j, "x");
    json_array_begin(&j);
    for (uint32_t i = 0; i < t->left_count; i++)
        sid_write(&j, t->left[i]);
    json_array_end(&j);
    frame_end(&j, t->count);
    t->left_count = 0;
    t->count_told = t->count;
}

static void whole_write(const struct presence_table *t, struct buf *out)
{
    struct json_out j = json_out(out);
    frame_begin(&j, SLICE("roster"));
    for (const struct seat *s = t->seats; s; s = s->hh.next) {
        if (s->listed) seat_write(&j, s, true, carets_shown(t));
    }
    json_array_end(&j);
    frame_end(&j, t->count);
}

void presence_tell(
        struct presence_table *t, int64_t now_ms, struct buf *ret_step, struct buf *ret_whole)
{
    step_write(t, ret_step);
    whole_write(t, ret_whole);
    t->told_ms = now_ms;
}
