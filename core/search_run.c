#include "core/search_run.h"

#include "core/search_card.h"
#include "core/shelf.h"
#include "core/walk.h"

#define SCRATCH_BYTES_MAX MIB(1) /* a folded description */
#define HITS_FIRST        64

void search_run_init(struct search_run *run)
{
    CHECK(run->keep > 0);
    for (uint32_t i = 0; i < run->search->count; i++) {
        run->terms_of[run->search->terms[i].negated] |= UINT64_C(1) << i;
        needle_init(&run->needles[i], run->search->terms[i].text);
    }
    buf_init(&run->folded, SCRATCH_BYTES_MAX);
    buf_init(&run->raw, SCRATCH_BYTES_MAX);
}

void search_run_fini(struct search_run *run)
{
    mem_free(run->hits);
    buf_fini(&run->folded);
    buf_fini(&run->raw);
}

/* -- terms and texts */

static uint64_t ops_mask(const struct search *s, uint64_t ops)
{
    uint64_t mask = 0;
    for (uint32_t i = 0; i < s->count; i++)
        mask |= (ops >> s->terms[i].op & 1) << i;
    return mask;
}

/* Which of these terms hold for a text. */
static uint64_t text_mask(struct search_run *run, struct slice text, uint64_t terms)
{
    uint64_t mask = 0;
    for (; terms != 0; terms &= terms - 1) {
        int i = __builtin_ctzll(terms);
        if (needle_in(&run->needles[i], text, run->how, &run->folded)) mask |= UINT64_C(1) << i;
    }
    return mask;
}

static uint64_t ops_in_text(struct search_run *run, struct slice text, uint64_t ops)
{
    return text_mask(run, text, ops_mask(run->search, ops));
}

#define OP(name) (UINT64_C(1) << SEARCH_##name)

static struct slice member_text(struct search_run *run, struct slice object, struct slice key)
{
    struct slice json;
    if (!walk_find(object, key, &json)) return SLICE("");
    return json_text(json, &run->raw);
}

/* -- what a card refers to */

struct named { /* a list, label or person, by id */
    struct id id;
    uint64_t mask;
    bool closed;
};

struct names {
    struct named *at;
    size_t count, cap;
    uint64_t mask; /* of any of them: without it nobody need be looked up */
    bool closed;   /* any of them is */
};

struct board_search {
    struct search_run *run;
    struct board_view *bv;
    uint32_t number;
    uint64_t mask; /* of the board itself */
    struct names lists, labels, people;
    bool lists_count;   /* a card's list decides something */
    struct names parts; /* by card: what its comments and checklists fulfil */
};

static void names_add(struct names *n, struct named one)
{
    if (n->count == n->cap) {
        n->cap = n->cap ? 2 * n->cap : 32;
        n->at = mem_resize(n->at, n->cap * sizeof n->at[0]);
    }
    n->at[n->count++] = one;
    n->mask |= one.mask;
    n->closed = n->closed || one.closed;
}

static int by_id(const void *a, const void *b)
{
    return id_cmp(((const struct named *)a)->id, ((const struct named *)b)->id);
}

static const struct named *names_find(const struct names *n, struct id id)
{
    struct named key = {.id = id};
    if (n->count == 0) return NULL;
    return bsearch(&key, n->at, n->count, sizeof n->at[0], by_id);
}

static uint64_t names_mask(const struct names *n, struct slice ids)
{
    uint64_t mask = 0;
    struct id id;
    while (n->mask != 0 && search_id_next(&ids, &id)) {
        const struct named *one = names_find(n, id);
        if (one) mask |= one->mask;
    }
    return mask;
}

/* A label holds by its name or by its colour, a light or dark one too. */
static uint64_t label_mask(struct search_run *run, struct slice json)
{
    uint64_t mask = ops_in_text(run, member_text(run, json, SLICE("name")), OP(TEXT) | OP(LABEL));
    struct slice color = member_text(run, json, SLICE("color"));
    struct slice base = color;
    slice_cut(&color, '_', &base);
    for (uint32_t i = 0; i < run->search->count; i++) {
        const struct search_term *t = &run->search->terms[i];
        if (t->op == SEARCH_LABEL && base.len > 0 && slice_eq(t->text, base))
            mask |= UINT64_C(1) << i;
    }
    return mask;
}

static uint64_t person_mask(struct search_run *run, struct view *v, struct id member)
{
    struct slice json;
    uint64_t mask = 0;
    for (uint32_t i = 0; i < run->search->count; i++) {
        if (run->search->terms[i].op == SEARCH_ME && id_eq(member, run->me))
            mask |= UINT64_C(1) << i;
    }
    if (!ops_mask(run->search, OP(MEMBER))) return mask;
    if (v->ops->entity(v, DIRECTORY_ID, KIND_MEMBER, member, &json) != ERR_OK) return mask;
    mask |= ops_in_text(run, member_text(run, json, SLICE("username")), OP(MEMBER));
    return mask | ops_in_text(run, member_text(run, json, SLICE("fullName")), OP(MEMBER));
}

static enum err take_name(void *context, enum kind kind, struct id id, struct slice json)
{
    struct board_search *s = context;
    struct slice closed, member;
    if (kind == KIND_LIST) {
        struct slice name = member_text(s->run, json, SLICE("name"));
        names_add(&s->lists, (struct named){.id = id,
                                     .mask = ops_in_text(s->run, name, OP(LIST)),
                                     .closed = walk_find(json, SLICE("closed"), &closed) &&
                                               slice_eq(closed, SLICE("true"))});
    } else if (kind == KIND_LABEL) {
        names_add(&s->labels, (struct named){.id = id, .mask = label_mask(s->run, json)});
    } else if (walk_find(json, SLICE("idMember"), &member) && member.len == ID_TEXT + 2 &&
               id_parse(slice_of(member.ptr + 1, ID_TEXT), &id)) {
        names_add(
                &s->people, (struct named){.id = id, .mask = person_mask(s->run, s->bv->view, id)});
    }
    return ERR_OK;
}

static uint64_t board_mask(struct search_run *run, struct id board, struct slice json)
{
    char id[ID_TEXT + 1];
    id_format(board, id);
    uint64_t mask = ops_in_text(run, member_text(run, json, SLICE("name")), OP(BOARD));
    struct slice link = member_text(run, json, SLICE("shortLink"));
    for (uint32_t i = 0; i < run->search->count; i++) {
        const struct search_term *t = &run->search->terms[i];
        if (t->op == SEARCH_BOARD &&
                (slice_eq(t->plain, slice_of(id, ID_TEXT)) || slice_eq(t->plain, link)))
            mask |= UINT64_C(1) << i;
    }
    return mask;
}

/* On whose board a card lies is starred by whoever asks. */
static enum err star_mask(struct board_search *s)
{
    uint64_t mask = ops_mask(s->run->search, OP(IS_STARRED));
    struct shelf shelf;
    if (mask == 0) return ERR_OK;
    enum err err = shelf_read(s->bv->view, s->run->me, s->bv->board, &shelf);
    if (err == ERR_OK && shelf.starred) s->mask |= mask;
    return err;
}

static enum err names_load(struct board_search *s)
{
    struct view *v = s->bv->view;
    struct slice json;
    enum err err = v->ops->entity(v, s->bv->board, KIND_BOARD, s->bv->board, &json);
    if (err == ERR_OK) s->mask = board_mask(s->run, s->bv->board, json);
    if (err == ERR_OK) err = star_mask(s);
    if (err == ERR_OK) err = v->ops->entities(v, s->bv->board, KIND_LIST, KIND_LIST, take_name, s);
    if (err == ERR_OK)
        err = v->ops->entities(v, s->bv->board, KIND_LABEL, KIND_MEMBERSHIP, take_name, s);
    if (s->people.count > 0) qsort(s->people.at, s->people.count, sizeof s->people.at[0], by_id);
    return err;
}

/* -- parts of cards */

static enum err take_part(void *context, enum kind kind, struct id id, struct slice json)
{
    struct board_search *s = context;
    struct slice card;
    bool comment = kind == KIND_COMMENT;
    struct slice text = member_text(s->run, json, comment ? SLICE("text") : SLICE("name"));
    uint64_t mask = ops_in_text(s->run, text, OP(TEXT) | (comment ? OP(COMMENT) : OP(CHECKLIST)));
    if (mask != 0 && walk_find(json, SLICE("idCard"), &card) && search_id_next(&card, &id))
        names_add(&s->parts, (struct named){.id = id, .mask = mask});
    return ERR_OK;
}

/* All of a board's, where any of them can decide: they lie together, but not with their cards. */
static enum err parts_load(struct board_search *s)
{
    struct view *v = s->bv->view;
    struct names *n = &s->parts;
    if (!ops_mask(s->run->search, OP(TEXT) | OP(COMMENT) | OP(CHECKLIST))) return ERR_OK;
    enum err err = v->ops->entities(v, s->bv->board, KIND_CHECKLIST, KIND_COMMENT, take_part, s);
    if (n->count == 0) return err;
    qsort(n->at, n->count, sizeof n->at[0], by_id);
    size_t kept = 0;
    for (size_t i = 1; i < n->count; i++) {
        if (id_eq(n->at[kept].id, n->at[i].id))
            n->at[kept].mask |= n->at[i].mask;
        else
            n->at[++kept] = n->at[i];
    }
    n->count = kept + 1;
    return err;
}

/* -- cards */

static uint64_t own_mask(const struct search *s, const struct search_card *c, int64_t now_ms)
{
    uint64_t mask = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        if (search_card_holds(c, &s->terms[i], now_ms)) mask |= UINT64_C(1) << i;
    }
    return mask;
}

/* Enough is known: true says so in ret_holds. `open`: terms that texts may still fulfil. */
static bool is_decided(const struct search_run *run, uint64_t have, uint64_t open, bool *ret_holds)
{
    uint64_t missing = run->terms_of[false] & ~have, refused = run->terms_of[true] & have;
    *ret_holds = missing == 0 && refused == 0;
    if (refused != 0 || (missing & ~open) != 0) return true;
    return missing == 0 && (run->terms_of[true] & open & ~have) == 0;
}

/* First what costs least; the description last, where it can still decide. */
static bool card_holds(
        struct board_search *s, const struct search_card *c, uint64_t have, bool *ret_by_name)
{
    struct search_run *run = s->run;
    have |= s->mask | own_mask(run->search, c, run->now_ms) |
            names_mask(&s->labels, search_card_member(c, CARD_LABELS)) |
            names_mask(&s->people, search_card_member(c, CARD_MEMBERS));
    uint64_t open = ops_mask(run->search, OP(TEXT) | OP(NAME) | OP(DESC));
    bool holds;
    *ret_by_name = false;
    if (is_decided(run, have, open, &holds)) return holds;
    struct slice name = json_text(search_card_member(c, CARD_NAME), &run->raw);
    uint64_t by_name = ops_in_text(run, name, OP(TEXT) | OP(NAME));
    *ret_by_name = by_name != 0;
    have |= by_name;
    open = search_card_described(c) ? ops_mask(run->search, OP(TEXT) | OP(DESC)) : 0;
    if (is_decided(run, have, open, &holds)) return holds;
    struct view *v = s->bv->view;
    struct slice text = SLICE("");
    uint64_t at;
    if (v->ops->text(v, s->bv->board, c->id, F_CARD_DESC, &at, &text) != ERR_OK) text.len = 0;
    do { /* one term at a time: most cards are decided by the first */
        uint64_t term = open & ~have & -(open & ~have);
        have |= text_mask(run, text, term);
        open &= ~term;
    } while (!is_decided(run, have, open, &holds));
    return holds;
}

static int64_t sort_key(const struct search_run *run, const struct search_card *c)
{
    switch (run->search->sort) {
    case SEARCH_BY_CREATED: return (int64_t)id_seconds(c->id) * 1000;
    case SEARCH_BY_DUE: return search_date(search_card_member(c, CARD_DUE));
    case SEARCH_BY_FIT:
    case SEARCH_BY_EDITED: return search_date(search_card_member(c, CARD_ACTIVITY));
    }
    UNREACHABLE();
}

/* What is newest comes first, what is due soonest; reversed the other way round. What has no date
 * is last in any case. */
static int compare(
        const struct search_run *run, const struct search_hit *a, const struct search_hit *b)
{
    if (run->search->sort == SEARCH_BY_FIT && a->by_name != b->by_name) return a->by_name ? -1 : 1;
    if (a->key != b->key) {
        if (a->key == INT64_MIN || b->key == INT64_MIN) return a->key == INT64_MIN ? 1 : -1;
        bool rising = (run->search->sort == SEARCH_BY_DUE) != run->search->reversed;
        return (a->key < b->key) == rising ? -1 : 1;
    }
    return id_cmp(a->id, b->id);
}

static int by_rank(const void *a, const void *b, void *run)
{
    return compare(run, a, b);
}

void search_run_sort(struct search_run *run)
{
    if (run->hit_count > 0) qsort_r(run->hits, run->hit_count, sizeof run->hits[0], by_rank, run);
    if (run->hit_count < run->keep) return;
    run->hit_count = run->keep;
    run->worst = run->hits[run->keep - 1];
    run->full = true;
}

/* Twice as many as are kept are collected, then the worse half goes, and what is worse still need
 * not come. */
static void hit_add(struct search_run *run, struct search_hit hit)
{
    if (run->full && compare(run, &run->worst, &hit) < 0) return;
    if (run->hit_count >= 2 * run->keep) search_run_sort(run);
    if (run->hit_count == run->hit_cap) {
        run->hit_cap = run->hit_cap ? 2 * run->hit_cap : HITS_FIRST;
        run->hits = mem_resize(run->hits, run->hit_cap * sizeof run->hits[0]);
    }
    run->hits[run->hit_count++] = hit;
}

static int id_order(const void *a, const void *b)
{
    return id_cmp(*(const struct id *)a, *(const struct id *)b);
}

static enum err take_card(void *context, enum kind kind, struct id id, struct slice json)
{
    struct board_search *s = context;
    struct search_run *run = s->run;
    struct search_card c;
    bool by_name;
    (void)kind;
    if (run->only && !bsearch(&id, run->only, run->only_count, sizeof id, id_order)) return ERR_OK;
    if (!search_card_read(id, json, &c)) return ERR_CORRUPT;
    const struct named *parts = names_find(&s->parts, id), *list = NULL;
    struct slice in = search_card_member(&c, CARD_LIST);
    struct id list_id;
    if (s->lists_count && search_id_next(&in, &list_id)) list = names_find(&s->lists, list_id);
    if (list && list->closed) c.archived = true;
    uint64_t have = (list ? list->mask : 0) | (parts ? parts->mask : 0);
    if (!card_holds(s, &c, have, &by_name)) return ERR_OK;
    hit_add(run,
            (struct search_hit){
                    .id = id, .board = s->number, .by_name = by_name, .key = sort_key(run, &c)});
    return ERR_OK;
}

enum err search_run_board(struct search_run *run, struct board_view *bv, uint32_t number)
{
    struct board_search s = {.run = run, .bv = bv, .number = number};
    struct view *v = bv->view;
    uint64_t about = run->terms_of[false] & ops_mask(run->search, OP(BOARD) | OP(IS_STARRED));
    enum err err = names_load(&s);
    if (err == ERR_OK) err = parts_load(&s);
    s.lists_count = s.lists.mask != 0 || s.lists.closed;
    /* A term about the board that it does not fulfil spares its cards. */
    if (err == ERR_OK && !(about & ~s.mask))
        err = v->ops->entities(v, bv->board, KIND_CARD, KIND_CARD, take_card, &s);
    mem_free(s.lists.at);
    mem_free(s.labels.at);
    mem_free(s.people.at);
    mem_free(s.parts.at);
    return err;
}

bool search_run_name(struct search_run *run, struct slice name, bool closed, bool starred)
{
    uint64_t have = ops_in_text(run, name, OP(TEXT) | OP(NAME) | OP(BOARD));
    uint64_t askable = ops_mask(run->search,
            OP(TEXT) | OP(NAME) | OP(BOARD) | OP(IS_OPEN) | OP(IS_ARCHIVED) | OP(IS_STARRED));
    have |= ops_mask(run->search, closed ? OP(IS_ARCHIVED) : OP(IS_OPEN));
    if (starred) have |= ops_mask(run->search, OP(IS_STARRED));
    bool holds;
    if (((run->terms_of[false] | run->terms_of[true]) & ~askable) != 0) return false;
    is_decided(run, have, 0, &holds);
    return holds;
}
