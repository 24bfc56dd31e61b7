/* A card is on one board. Of every event that moved some to another one, the other half is in that
 * board's log, once; what went is what came, with everything that hung on it. What a transfer is
 * is written here a second time, over records as they are on the wire. */
#include "core/base/json.h"
#include "tests/sim/sim.h"

struct half {
    size_t board; /* whose log it is in */
    const char *id, *other;
    bool out;
    const json_t *tx, *effects, *old;
    struct half *next;
};

/* What may be another there, beside s; of cards also where they stand. */
static const struct {
    const char *kind, *fields;
} own[] = {{"card", " dateLastActivity desc idLabels idList idMembers idMembersVoted idShort pos "},
        {"checkItem", " idMember "}, {"customFieldItem", " idCustomField idValue "},
        {"checklist", " "}, {"comment", " "}, {"attachment", " "}};

static const char *own_fields(const char *kind) /* NULL: it is no card and no part */
{
    for (size_t i = 0; i < ARRAY_COUNT(own); i++)
        if (strcmp(own[i].kind, kind) == 0) return own[i].fields;
    return NULL;
}

static const char *string_at(const json_t *array, size_t i)
{
    return json_string_value(json_array_get(array, i));
}

static struct half *halves_of(struct world *w, struct arena *a, size_t board, struct half *all)
{
    const struct port_board *pb = port_board(&w->port, w->boards[board]);
    for (uint64_t s = 0; s < pb->head.seq; s++) {
        struct slice text = pb->events[s].public_json;
        json_t *record, *old;
        if (memmem(text.ptr, text.len, ",\"tx\":{", 7) == NULL) continue;
        CHECK(json_read(a, text, &record, NULL) == ERR_OK);
        if (json_object_get(record, "tx") == NULL) continue; /* somebody wrote it in a text */
        CHECK(json_read(a, pb->events[s].old_json, &old, NULL) == ERR_OK);
        struct half *h = ARENA_NEW(a, struct half);
        h->board = board;
        h->tx = json_object_get(record, "tx");
        h->effects = json_object_get(record, "e");
        h->old = old;
        h->id = json_string_value(json_object_get(h->tx, "id"));
        h->out = json_object_get(h->tx, "to") != NULL;
        h->other = json_string_value(json_object_get(h->tx, h->out ? "to" : "from"));
        h->next = all;
        all = h;
    }
    return all;
}

static bool has(const json_t *ids, const json_t *id)
{
    for (size_t i = 0; i < json_array_size(ids); i++)
        if (json_equal(json_array_get(ids, i), id)) return true;
    return false;
}

/* Who was on the card is on it, or is said to have been left. */
static void verify_left(struct world *w, const struct half *h, const json_t *before,
        const json_t *after, const char *field)
{
    const json_t *was = json_object_get(before, field), *is = json_object_get(after, field);
    const json_t *left = json_object_get(h->tx, "left");
    for (size_t i = 0; i < json_array_size(was); i++)
        SIM_CHECK(w, has(is, json_array_get(was, i)) || has(left, json_array_get(was, i)),
                "a member was taken off a card that moved, and nothing says so");
    for (size_t i = 0; i < json_array_size(is); i++)
        SIM_CHECK(w, has(was, json_array_get(is, i)), "somebody came onto a card as it moved");
}

static void verify_same(struct world *w, const struct half *h, const char *kind,
        const json_t *before, const json_t *after)
{
    json_t *members = (json_t *)(uintptr_t)before;
    const char *other = own_fields(kind);
    for (void *it = json_object_iter(members); it != NULL;
            it = json_object_iter_next(members, it)) {
        char name[40];
        snprintf(name, sizeof name, " %s ", json_object_iter_key(it));
        if (strcmp(name, " id ") == 0 || strcmp(name, " s ") == 0 || strstr(other, name) != NULL)
            continue;
        SIM_CHECK(w,
                json_equal(json_object_iter_value(it),
                        json_object_get(after, json_object_iter_key(it))),
                json_object_iter_key(it));
    }
    if (strcmp(kind, "card") != 0) return;
    verify_left(w, h, before, after, "idMembers");
    verify_left(w, h, before, after, "idMembersVoted");
    size_t was = json_array_size(json_object_get(before, "idLabels")),
           is = json_array_size(json_object_get(after, "idLabels"));
    SIM_CHECK(w, (was > 0) == (is > 0) && is <= was, "a card lost its labels as it moved");
}

static const json_t *added(const struct half *h, const char *kind, const char *id)
{
    for (size_t i = 0; i < json_array_size(h->effects); i++) {
        const json_t *e = json_array_get(h->effects, i);
        if (strcmp(string_at(e, 0), "add") == 0 && strcmp(string_at(e, 1), kind) == 0 &&
                strcmp(string_at(e, 2), id) == 0)
            return json_array_get(e, 3);
    }
    return NULL;
}

static const char *desc_of(const json_t *old, size_t index)
{
    const json_t *texts = json_object_get(old, "t");
    for (size_t i = 0; i < json_array_size(texts); i++)
        if ((size_t)json_integer_value(json_array_get(json_array_get(texts, i), 0)) == index)
            return string_at(json_array_get(texts, i), 3);
    return "";
}

/* What one deletion took is there. How much it was. */
static size_t verify_gone(
        struct world *w, const struct half *in, const json_t *effect, const json_t *old)
{
    const json_t *objects = json_object_get(old, "o");
    const char *kind = string_at(effect, 1);
    SIM_CHECK(w, own_fields(kind) != NULL, "more than cards and their parts left a board");
    for (size_t i = 0; i < json_array_size(objects); i++) {
        const json_t *before = json_array_get(objects, i);
        const json_t *after = added(in, kind, json_string_value(json_object_get(before, "id")));
        SIM_CHECK(w, after != NULL, "something of a card that moved is lost");
        verify_same(w, in, kind, before, after);
        if (strcmp(kind, "card") != 0) continue;
        const char *desc = json_string_value(json_object_get(after, "desc"));
        SIM_CHECK(w, strcmp(desc == NULL ? "" : desc, desc_of(old, i)) == 0,
                "the text of a card that moved is another");
    }
    return json_array_size(objects);
}

static void verify_pair(struct world *w, const struct half *out, const struct half *in)
{
    size_t gone = 0, come = 0;
    for (size_t i = 0; i < json_array_size(out->effects); i++) {
        const json_t *effect = json_array_get(out->effects, i);
        SIM_CHECK(w, strcmp(string_at(effect, 0), "del") == 0, "a move changes what it leaves");
        gone += verify_gone(w, in, effect, json_array_get(out->old, i));
    }
    for (size_t i = 0; i < json_array_size(in->effects); i++) {
        const json_t *effect = json_array_get(in->effects, i);
        bool add = strcmp(string_at(effect, 0), "add") == 0;
        come += add && own_fields(string_at(effect, 1)) != NULL;
    }
    SIM_CHECK(w, gone == come && gone > 0, "what moved is not what came");
}

static void verify_half(struct world *w, const struct half *h, const struct half *all)
{
    char here[ID_TEXT + 1], there[ID_TEXT + 1];
    size_t found = 0;
    id_format(w->boards[h->board], here);
    for (const struct half *o = all; o != NULL; o = o->next) {
        if (o == h || strcmp(o->id, h->id) != 0) continue;
        id_format(w->boards[o->board], there);
        bool fit = strcmp(o->other, here) == 0 && strcmp(h->other, there) == 0;
        SIM_CHECK(w, fit && o->out != h->out, "the halves of a transfer do not fit");
        found++;
        if (h->out) verify_pair(w, h, o);
    }
    SIM_CHECK(w, found == 1, "half of a transfer is stored");
}

/* The server-wide table of ids leads to where everything is, so it is nowhere else. */
static void verify_places(struct world *w, size_t board)
{
    const struct port_board *pb = port_board(&w->port, w->boards[board]);
    for (const struct port_entity *e = pb->entities; e != NULL; e = e->hh.next) {
        struct port_id *known;
        HASH_FIND(hh, w->port.ids, e->key + 1, ID_BYTES, known);
        SIM_CHECK(w, known != NULL && id_eq(known->board, pb->id), "an id leads to another board");
    }
}

void verify_transfers(struct world *w)
{
    struct arena a;
    struct half *all = NULL;
    arena_init(&a, MIB(1), (size_t)1 << 34);
    for (size_t i = 0; i < BOARDS; i++) {
        verify_places(w, i);
        all = halves_of(w, &a, i, all);
    }
    for (const struct half *h = all; h != NULL; h = h->next)
        verify_half(w, h, all);
    arena_fini(&a);
}
