/* action_rules.c - which effect makes which action. Adding one is adding a row; what a kind's
 * action says beside that is in action_data.c. */
#include "core/action_impl.h"

#define TYPE(text) {"" text, sizeof(text) - 1}

/* clang-format off */
#define ADD(kind, type)        {EFFECT_ADD, KIND_##kind, FIELD_COUNT, TYPE(type), {0}},
#define DEL(kind, type)        {EFFECT_DEL, KIND_##kind, FIELD_COUNT, TYPE(type), {0}},
#define SET(kind, field, type) {EFFECT_SET, KIND_##kind, F_##kind##_##field, TYPE(type), {0}},
#define REF(kind, field, on, off) {EFFECT_SET, KIND_##kind, F_##kind##_##field, TYPE(on), TYPE(off)},
#define TXT(kind, field, type) {EFFECT_TXT, KIND_##kind, F_##kind##_##field, TYPE(type), {0}},
#define TAG(kind, field, on, off) {EFFECT_TAG, KIND_##kind, F_##kind##_##field, TYPE(on), TYPE(off)},

static const struct action_rule rules[] = {
    ADD(BOARD, "createBoard")
    SET(BOARD, NAME, "updateBoard")
    SET(BOARD, CLOSED, "updateBoard")
    SET(BOARD, PREFS, "updateBoard")
    REF(BOARD, ID_ORGANIZATION, "addToOrganizationBoard", "removeFromOrganizationBoard")
    TXT(BOARD, DESC, "updateBoard")

    ADD(LIST, "createList")
    DEL(LIST, "deleteList")
    SET(LIST, NAME, "updateList")
    SET(LIST, CLOSED, "updateList")
    SET(LIST, COLOR, "updateList")
    SET(LIST, POS, "updateList")
    SET(LIST, SOFT_LIMIT, "updateList")

    ADD(CARD, "createCard")
    DEL(CARD, "deleteCard")
    SET(CARD, ADDRESS, "updateCard")
    SET(CARD, CARD_ROLE, "updateCard")
    SET(CARD, CLOSED, "updateCard")
    SET(CARD, COORDINATES, "updateCard")
    SET(CARD, COVER, "updateCard")
    SET(CARD, DUE, "updateCard")
    SET(CARD, DUE_COMPLETE, "updateCard")
    SET(CARD, DUE_REMINDER, "updateCard")
    SET(CARD, ID_LIST, "updateCard")
    SET(CARD, IS_TEMPLATE, "updateCard")
    SET(CARD, LOCATION_NAME, "updateCard")
    SET(CARD, NAME, "updateCard")
    SET(CARD, POS, "updateCard")
    SET(CARD, START, "updateCard")
    TXT(CARD, DESC, "updateCard")
    TAG(CARD, ID_LABELS, "addLabelToCard", "removeLabelFromCard")
    TAG(CARD, ID_MEMBERS, "addMemberToCard", "removeMemberFromCard")
    TAG(CARD, ID_MEMBERS_VOTED, "voteOnCard", "voteOnCard")

    ADD(LABEL, "createLabel")
    DEL(LABEL, "deleteLabel")
    SET(LABEL, NAME, "updateLabel")
    SET(LABEL, COLOR, "updateLabel")

    ADD(CHECKLIST, "addChecklistToCard")
    DEL(CHECKLIST, "removeChecklistFromCard")
    SET(CHECKLIST, NAME, "updateChecklist")
    ADD(CHECK_ITEM, "createCheckItem")
    DEL(CHECK_ITEM, "deleteCheckItem")
    SET(CHECK_ITEM, STATE, "updateCheckItemStateOnCard")
    SET(CHECK_ITEM, NAME, "updateCheckItem")
    SET(CHECK_ITEM, DUE, "updateCheckItemDue")
    SET(CHECK_ITEM, ID_MEMBER, "updateCheckItem")
    ADD(COMMENT, "commentCard") /* shown as it is now, as long as it is there: rest_actions.c */
    DEL(COMMENT, "deleteComment")

    ADD(ATTACHMENT, "addAttachmentToCard")
    DEL(ATTACHMENT, "deleteAttachmentFromCard")
    SET(ATTACHMENT, NAME, "updateAttachment") /* no name of Trello's: it tells nobody */

    ADD(CUSTOM_FIELD, "createCustomField")
    DEL(CUSTOM_FIELD, "deleteCustomField")
    SET(CUSTOM_FIELD, NAME, "updateCustomField")
    ADD(FIELD_OPTION, "createCustomFieldOption") /* nor of these */
    DEL(FIELD_OPTION, "deleteCustomFieldOption")
    SET(FIELD_OPTION, TEXT, "updateCustomFieldOption")
    SET(FIELD_OPTION, COLOR, "updateCustomFieldOption")
    ADD(FIELD_ITEM, "updateCustomFieldItem")
    DEL(FIELD_ITEM, "updateCustomFieldItem")
    SET(FIELD_ITEM, VALUE, "updateCustomFieldItem")
    SET(FIELD_ITEM, ID_VALUE, "updateCustomFieldItem")

    ADD(MEMBERSHIP, "addMemberToBoard")
    DEL(MEMBERSHIP, "removeMemberFromBoard")
    SET(MEMBERSHIP, MEMBER_TYPE, "makeNormalMemberOfBoard") /* by role: action_role_type */
};

/* What comes along with a card is told with it, apart from its comments, which are actions
 * themselves, and from what its new board did not have. */
static const struct action_rule moved_rules[] = {
    DEL(CARD, "moveCardFromBoard")
    ADD(CARD, "moveCardToBoard")
    ADD(COMMENT, "commentCard")
    ADD(LABEL, "createLabel")
    ADD(CUSTOM_FIELD, "createCustomField")
};
/* clang-format on */

const struct action_rule *action_rule_find(
        enum effect_form form, enum kind kind, enum field field, bool moved)
{
    const struct action_rule *table = moved ? moved_rules : rules;
    size_t count = moved ? ARRAY_COUNT(moved_rules) : ARRAY_COUNT(rules);
    for (size_t i = 0; i < count; i++) {
        if (table[i].form == form && table[i].kind == kind && table[i].field == field)
            return &table[i];
    }
    return NULL;
}

struct slice action_role_type(struct slice member_type)
{
    enum role role = ROLE_NONE;
    role_parse(member_type, &role);
    if (role == ROLE_ADMIN) return SLICE("makeAdminOfBoard");
    if (role == ROLE_OBSERVER) return SLICE("makeObserverOfBoard");
    return SLICE("makeNormalMemberOfBoard");
}

/* "updateCard" stands for all its fields, "updateCard:idList" for one. */
bool action_filter_allows(struct slice filter, const struct action *action)
{
    struct slice part;
    if (filter.len == 0) return true;
    while (slice_next(&filter, ',', &part)) {
        struct slice field = slice_trim(part), type;
        if (slice_eq(field, SLICE("all"))) return true;
        bool one = slice_cut(&field, ':', &type);
        if (!one) type = field;
        if (slice_eq(type, action->type) && (!one || slice_eq(field, action->field))) return true;
    }
    return false;
}
