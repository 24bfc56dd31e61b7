#include "core/model.h"

#include "core/base/check.h"

/* first, count, slots and where id and s stand are counted from FIELD_TABLE before main, so that
 * the tables hold facts only. */
static struct field_info fields[FIELD_COUNT] = {
#define X(kind_name, field, wire, field_type, null, who)                                           \
    [F_##kind_name##_##field] = {                                                                  \
            .kind = KIND_##kind_name,                                                              \
            .name = {"" wire, sizeof(wire) - 1},                                                   \
            .key = {"\"" wire "\":", sizeof("\"" wire "\":") - 1},                                 \
            .type = FIELD_##field_type,                                                            \
            .write = WRITE_##who,                                                                  \
            .null_allowed = (null),                                                                \
    },
        FIELD_TABLE(X)
#undef X
};

static struct kind_info kinds[KIND_LIMIT] = {
#define X(kind_name, number, wire, where)                                                          \
    [KIND_##kind_name] = {                                                                         \
            .name = {"" wire, sizeof(wire) - 1},                                                   \
            .json = {"\"" wire "\"", sizeof("\"" wire "\"") - 1},                                  \
            .home = where,                                                                         \
            .first = FIELD_COUNT,                                                                  \
    },
        KIND_TABLE(X)
#undef X
};

__attribute__((constructor(101))) static void count_fields(void)
{
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        struct field_info *info = &fields[f];
        struct kind_info *kind = &kinds[info->kind];
        if (kind->count == 0) kind->first = (enum field)f;
        CHECK((size_t)kind->first + kind->count == f); /* a kind's rows stand together */
        CHECK(kind->count == 0 || slice_cmp(fields[f - 1].name, info->name) < 0);
        info->slot = kind->count++;
        if (slice_cmp(info->name, SLICE("id")) < 0) kind->id_slot = kind->count;
        if (slice_cmp(info->name, SLICE("s")) < 0) kind->s_slot = kind->count;
    }
}

const struct field_info *field_info(enum field f)
{
    CHECK((unsigned)f < FIELD_COUNT);
    return &fields[f];
}

struct slice field_json(enum field f)
{
    struct slice key = field_info(f)->key;
    return slice_of(key.ptr, key.len - 1); /* without the colon */
}

bool kind_known(unsigned number)
{
    return number < KIND_LIMIT && kinds[number].name.len > 0;
}

const struct kind_info *kind_info(enum kind k)
{
    CHECK(kind_known((unsigned)k));
    return &kinds[k];
}

enum field kind_card_field(enum kind k)
{
    if (k == KIND_CHECKLIST) return F_CHECKLIST_ID_CARD;
    if (k == KIND_CHECK_ITEM) return F_CHECK_ITEM_ID_CARD;
    if (k == KIND_COMMENT) return F_COMMENT_ID_CARD;
    if (k == KIND_FIELD_ITEM) return F_FIELD_ITEM_ID_CARD;
    if (k == KIND_ATTACHMENT) return F_ATTACHMENT_ID_CARD;
    return FIELD_COUNT;
}

enum field kind_pos_field(enum kind k)
{
    if (k == KIND_CARD) return F_CARD_POS;
    if (k == KIND_LIST) return F_LIST_POS;
    if (k == KIND_CUSTOM_FIELD) return F_CUSTOM_FIELD_POS;
    if (k == KIND_FIELD_OPTION) return F_FIELD_OPTION_POS;
    if (k == KIND_CHECKLIST) return F_CHECKLIST_POS;
    if (k == KIND_CHECK_ITEM) return F_CHECK_ITEM_POS;
    if (k == KIND_ATTACHMENT) return F_ATTACHMENT_POS;
    return FIELD_COUNT;
}

enum field kind_parent_field(enum kind k)
{
    if (k == KIND_CARD) return F_CARD_ID_LIST;
    if (k == KIND_FIELD_OPTION) return F_FIELD_OPTION_ID_CUSTOM_FIELD;
    if (k == KIND_CHECK_ITEM) return F_CHECK_ITEM_ID_CHECKLIST;
    return kind_card_field(k);
}

bool kind_parse(struct slice wire, enum kind *ret_kind)
{
    if (wire.len == 0) return false;
    for (unsigned k = 0; k < KIND_LIMIT; k++) {
        if (!slice_eq(kinds[k].name, wire)) continue;
        *ret_kind = (enum kind)k;
        return true;
    }
    return false;
}

bool field_parse(enum kind kind, struct slice wire, enum field *ret_field)
{
    const struct kind_info *info = kind_info(kind);
    for (unsigned i = 0; i < info->count; i++) {
        enum field f = (enum field)((unsigned)info->first + i);
        if (!slice_eq(fields[f].name, wire)) continue;
        *ret_field = f;
        return true;
    }
    return false;
}

static const struct slice role_names[] = {
        [ROLE_NONE] = {"", 0},
        [ROLE_OBSERVER] = {"observer", 8},
        [ROLE_NORMAL] = {"normal", 6},
        [ROLE_ADMIN] = {"admin", 5},
};

bool role_parse(struct slice text, enum role *ret_role)
{
    for (enum role r = ROLE_OBSERVER; r <= ROLE_ADMIN; r++) {
        if (!slice_eq(role_names[r], text)) continue;
        *ret_role = r;
        return true;
    }
    return false;
}

struct slice role_name(enum role r)
{
    CHECK((unsigned)r < ARRAY_COUNT(role_names));
    return role_names[r];
}
