/* model.h - the product's vocabulary: kinds of objects and their fields, in one table each.
 *
 * Names are Trello's, in memory, on disk, on the wire and in REST. Adding a field is adding a row:
 * reading, writing, effects, undo and storage follow from it. What Trello derives or nests (badges'
 * counts, labels inside a card, url) is made by core/trello. Pure data; any thread. */
#ifndef TAVLA_CORE_MODEL_H
#define TAVLA_CORE_MODEL_H

#include "core/base/id.h"
#include "core/base/slice.h"

/* clang-format off */
/* Stored numbers (second column) are part of the keys on disk: never renumber. Tier 1, up to
 * KIND_TIER1_LAST, is in a snapshot; tier 2 are the parts of a card, fetched when it is opened. */
#define KIND_TIER1_LAST 15
#define KIND_TIER2_LAST 31
#define KIND_TABLE(X) /* name       number  wire          home        */ \
    X(BOARD,      1,  "board",      HOME_BOARD)      \
    X(LIST,       2,  "list",       HOME_BOARD)      \
    X(CARD,       3,  "card",       HOME_BOARD)      \
    X(LABEL,      4,  "label",      HOME_BOARD)      \
    X(MEMBERSHIP, 5,  "membership", HOME_BOARD)      \
    X(CUSTOM_FIELD, 6, "customField", HOME_BOARD)    \
    X(FIELD_OPTION, 7, "customFieldOption", HOME_BOARD) \
    X(CHECKLIST,  16, "checklist",  HOME_BOARD)      \
    X(CHECK_ITEM, 17, "checkItem",  HOME_BOARD)      \
    X(COMMENT,    18, "comment",    HOME_BOARD)      \
    X(FIELD_ITEM, 19, "customFieldItem", HOME_BOARD) \
    X(ATTACHMENT, 20, "attachment", HOME_BOARD)      \
    X(MEMBER,     32, "member",     HOME_DIRECTORY)  \
    X(SESSION,    33, "session",    HOME_DIRECTORY)  \
    X(LINK,       34, "link",       HOME_DIRECTORY)  \
    X(SHELF,      35, "shelf",      HOME_DIRECTORY)  \
    X(ORGANIZATION, 40, "organization", HOME_DIRECTORY) \
    X(ORG_MEMBERSHIP, 41, "organizationMembership", HOME_DIRECTORY)

enum kind_home { HOME_BOARD, HOME_DIRECTORY };

/* type: TEXT is tier 2 and lives in a table of its own; JSON is canonical JSON kept as text; SET is
 * a set of ids kept sorted by when each came; DATE is ISO 8601 text as it came. null: may be null.
 * write: who may write it by a plain `set`: EDIT any editor, ADMIN an admin, SYS only resolvers.
 * Fields stand in canonical (sorted) order within their kind.
 *
 * An attachment is a link, or a file that was uploaded: `file` is the SHA-256 of its bytes in hex,
 * by which storage keeps it, and only the server's own upload says it. A shelf is what one member
 * keeps of one board for themself: core/shelf.h.
 *
 * A comment's author is the name of someone who is no member here: it came in an import. Its
 * reactions are [[idMember, emoji], ..] in the order in which they came. */
#define FIELD_TABLE(X) /* kind      field               wire name           type  null   write */ \
    X(BOARD,      CLOSED,            "closed",           BOOL, false, SYS)   \
    X(BOARD,      DATE_LAST_ACTIVITY,"dateLastActivity", DATE, true,  SYS)   \
    X(BOARD,      DESC,              "desc",             TEXT, false, SYS)   \
    X(BOARD,      ID_MEMBER_CREATOR, "idMemberCreator",  ID,   true,  SYS)   \
    X(BOARD,      ID_ORGANIZATION,   "idOrganization",   ID,   true,  ADMIN) \
    X(BOARD,      NAME,              "name",             STR,  false, ADMIN) \
    X(BOARD,      PREFS,             "prefs",            JSON, false, ADMIN) \
    X(BOARD,      SHORT_LINK,        "shortLink",        STR,  false, SYS)   \
    X(LIST,       CLOSED,            "closed",           BOOL, false, SYS)   \
    X(LIST,       COLOR,             "color",            STR,  true,  EDIT)  \
    X(LIST,       NAME,              "name",             STR,  false, EDIT)  \
    X(LIST,       POS,               "pos",              NUM,  false, SYS)   \
    X(LIST,       SOFT_LIMIT,        "softLimit",        NUM,  true,  EDIT)  \
    X(CARD,       ADDRESS,           "address",          STR,  true,  EDIT)  \
    X(CARD,       BADGES,            "badges",           JSON, false, SYS)   \
    X(CARD,       CARD_ROLE,         "cardRole",         STR,  true,  EDIT)  \
    X(CARD,       CLOSED,            "closed",           BOOL, false, SYS)   \
    X(CARD,       COORDINATES,       "coordinates",      JSON, true,  EDIT)  \
    X(CARD,       COVER,             "cover",            JSON, true,  EDIT)  \
    X(CARD,       DATE_LAST_ACTIVITY,"dateLastActivity", DATE, true,  SYS)   \
    X(CARD,       DESC,              "desc",             TEXT, false, SYS)   \
    X(CARD,       DUE,               "due",              DATE, true,  EDIT)  \
    X(CARD,       DUE_COMPLETE,      "dueComplete",      BOOL, false, EDIT)  \
    X(CARD,       DUE_REMINDER,      "dueReminder",      NUM,  true,  EDIT)  \
    X(CARD,       ID_LABELS,         "idLabels",         SET,  false, SYS)   \
    X(CARD,       ID_LIST,           "idList",           ID,   false, SYS)   \
    X(CARD,       ID_MEMBERS,        "idMembers",        SET,  false, SYS)   \
    X(CARD,       ID_MEMBERS_VOTED,  "idMembersVoted",   SET,  false, SYS)   \
    X(CARD,       ID_SHORT,          "idShort",          NUM,  false, SYS)   \
    X(CARD,       IS_TEMPLATE,       "isTemplate",       BOOL, false, EDIT)  \
    X(CARD,       LOCATION_NAME,     "locationName",     STR,  true,  EDIT)  \
    X(CARD,       NAME,              "name",             STR,  false, EDIT)  \
    X(CARD,       POS,               "pos",              NUM,  false, SYS)   \
    X(CARD,       SHORT_LINK,        "shortLink",        STR,  false, SYS)   \
    X(CARD,       START,             "start",            DATE, true,  EDIT)  \
    X(LABEL,      COLOR,             "color",            STR,  true,  EDIT)  \
    X(LABEL,      NAME,              "name",             STR,  false, EDIT)  \
    X(MEMBERSHIP, ID_MEMBER,         "idMember",         ID,   false, SYS)   \
    X(MEMBERSHIP, MEMBER_TYPE,       "memberType",       STR,  false, SYS)   \
    X(CUSTOM_FIELD, DISPLAY,         "display",          JSON, false, EDIT)  \
    X(CUSTOM_FIELD, NAME,            "name",             STR,  false, EDIT)  \
    X(CUSTOM_FIELD, POS,             "pos",              NUM,  false, SYS)   \
    X(CUSTOM_FIELD, TYPE,            "type",             STR,  false, SYS)   \
    X(FIELD_OPTION, COLOR,           "color",            STR,  true,  EDIT)  \
    X(FIELD_OPTION, ID_CUSTOM_FIELD, "idCustomField",    ID,   false, SYS)   \
    X(FIELD_OPTION, POS,             "pos",              NUM,  false, SYS)   \
    X(FIELD_OPTION, TEXT,            "text",             STR,  false, EDIT)  \
    X(CHECKLIST,  ID_CARD,           "idCard",           ID,   false, SYS)   \
    X(CHECKLIST,  NAME,              "name",             STR,  false, EDIT)  \
    X(CHECKLIST,  POS,               "pos",              NUM,  false, SYS)   \
    X(CHECK_ITEM, DUE,               "due",              DATE, true,  EDIT)  \
    X(CHECK_ITEM, DUE_REMINDER,      "dueReminder",      NUM,  true,  EDIT)  \
    X(CHECK_ITEM, ID_CARD,           "idCard",           ID,   false, SYS)   \
    X(CHECK_ITEM, ID_CHECKLIST,      "idChecklist",      ID,   false, SYS)   \
    X(CHECK_ITEM, ID_MEMBER,         "idMember",         ID,   true,  EDIT)  \
    X(CHECK_ITEM, NAME,              "name",             STR,  false, EDIT)  \
    X(CHECK_ITEM, POS,               "pos",              NUM,  false, SYS)   \
    X(CHECK_ITEM, STATE,             "state",            STR,  false, EDIT)  \
    X(COMMENT,    AUTHOR,            "author",           STR,  true,  SYS)   \
    X(COMMENT,    DATE,              "date",             DATE, false, SYS)   \
    X(COMMENT,    DATE_LAST_EDITED,  "dateLastEdited",   DATE, true,  SYS)   \
    X(COMMENT,    ID_CARD,           "idCard",           ID,   false, SYS)   \
    X(COMMENT,    ID_MEMBER_CREATOR, "idMemberCreator",  ID,   true,  SYS)   \
    X(COMMENT,    REACTIONS,         "reactions",        JSON, true,  SYS)   \
    X(COMMENT,    TEXT,              "text",             STR,  false, EDIT)  \
    X(FIELD_ITEM, ID_CARD,           "idCard",           ID,   false, SYS)   \
    X(FIELD_ITEM, ID_CUSTOM_FIELD,   "idCustomField",    ID,   false, SYS)   \
    X(FIELD_ITEM, ID_VALUE,          "idValue",          ID,   true,  SYS)   \
    X(FIELD_ITEM, VALUE,             "value",            JSON, true,  SYS)   \
    X(ATTACHMENT, BYTES,             "bytes",            NUM,  true,  SYS)   \
    X(ATTACHMENT, DATE,              "date",             DATE, false, SYS)   \
    X(ATTACHMENT, FILE,              "file",             STR,  true,  SYS)   \
    X(ATTACHMENT, FILE_NAME,         "fileName",         STR,  true,  SYS)   \
    X(ATTACHMENT, ID_CARD,           "idCard",           ID,   false, SYS)   \
    X(ATTACHMENT, ID_MEMBER,         "idMember",         ID,   true,  SYS)   \
    X(ATTACHMENT, IS_UPLOAD,         "isUpload",         BOOL, false, SYS)   \
    X(ATTACHMENT, MIME_TYPE,         "mimeType",         STR,  true,  SYS)   \
    X(ATTACHMENT, NAME,              "name",             STR,  false, EDIT)  \
    X(ATTACHMENT, POS,               "pos",              NUM,  false, SYS)   \
    X(ATTACHMENT, URL,               "url",              STR,  false, SYS)   \
    X(MEMBER,     FULL_NAME,         "fullName",         STR,  false, EDIT)  \
    X(MEMBER,     INITIALS,          "initials",         STR,  false, EDIT)  \
    X(MEMBER,     USERNAME,          "username",         STR,  false, SYS)   \
    X(SESSION,    CREATED,           "created",          DATE, false, SYS)   \
    X(SESSION,    EXPIRES,           "expires",          DATE, false, SYS)   \
    X(SESSION,    HASH,              "hash",             STR,  false, SYS)   \
    X(SESSION,    ID_MEMBER,         "idMember",         ID,   false, SYS)   \
    X(LINK,       EXPIRES,           "expires",          DATE, false, SYS)   \
    X(LINK,       HASH,              "hash",             STR,  false, SYS)   \
    X(LINK,       ID_BOARD,          "idBoard",          ID,   true,  SYS)   \
    X(LINK,       ID_MEMBER,         "idMember",         ID,   false, SYS)   \
    X(SHELF,      ID_BOARD,          "idBoard",          ID,   false, SYS)   \
    X(SHELF,      ID_MEMBER,         "idMember",         ID,   false, SYS)   \
    X(SHELF,      STAR,              "star",             NUM,  true,  SYS)   \
    X(SHELF,      SUBSCRIBED,        "subscribed",       SET,  false, SYS)   \
    X(ORGANIZATION, DATE_CREATED,    "dateCreated",      DATE, false, SYS)   \
    X(ORGANIZATION, DESC,            "desc",             STR,  false, ADMIN) \
    X(ORGANIZATION, DISPLAY_NAME,    "displayName",      STR,  false, ADMIN) \
    X(ORGANIZATION, NAME,            "name",             STR,  false, ADMIN) \
    X(ORGANIZATION, WEBSITE,         "website",          STR,  true,  ADMIN) \
    X(ORG_MEMBERSHIP, ID_MEMBER,     "idMember",         ID,   false, SYS)   \
    X(ORG_MEMBERSHIP, ID_ORGANIZATION, "idOrganization", ID,   false, SYS)   \
    X(ORG_MEMBERSHIP, MEMBER_TYPE,   "memberType",       STR,  false, SYS)
/* clang-format on */

enum kind {
    KIND_NONE = 0,
#define X(name, number, wire, home) KIND_##name = number,
    KIND_TABLE(X)
#undef X
            KIND_LIMIT = 64
};

enum field_type {
    FIELD_BOOL,
    FIELD_NUM,
    FIELD_STR,
    FIELD_DATE,
    FIELD_ID,
    FIELD_SET,
    FIELD_JSON,
    FIELD_TEXT
};
enum field_write { WRITE_SYS, WRITE_EDIT, WRITE_ADMIN };

/* Fields of all kinds in one enum: FIELD_CARD_NAME. A field's place in its object is field_slot. */
enum field {
#define X(kind, name, wire, type, null, write) F_##kind##_##name,
    FIELD_TABLE(X)
#undef X
            FIELD_COUNT
};

struct field_info {
    enum kind kind;
    struct slice name; /* wire name */
    struct slice key;  /* as a member of an object begins: "name": */
    enum field_type type;
    enum field_write write;
    bool null_allowed;
    uint8_t slot; /* index among its kind's fields */
};

struct kind_info {
    struct slice name; /* wire name */
    struct slice json; /* "name", with the quotes */
    enum kind_home home;
    enum field first; /* its fields are first .. first + count - 1, in canonical order */
    uint8_t count;
    uint8_t id_slot, s_slot; /* canonical text has "id" and "s" right before these slots */
};

const struct field_info *field_info(enum field f);
struct slice field_json(enum field f); /* "name", with the quotes */
const struct kind_info *kind_info(enum kind k); /* CHECKs a known kind */
bool kind_known(unsigned number);
/* Of a card's parts: FIELD_COUNT for the kinds that are none. */
enum field kind_card_field(enum kind k);
/* Where an object stands among its siblings, and under whom; FIELD_COUNT: it has no place, or its
 * parent is the board. Both of these move an object when they change. */
enum field kind_pos_field(enum kind k);
enum field kind_parent_field(enum kind k);
bool kind_parse(struct slice wire, enum kind *ret_kind);
bool field_parse(enum kind kind, struct slice wire, enum field *ret_field);

/* The directory (members, sessions, links, shelves, organizations) is one more sequenced object,
 * under the none id. */
#define DIRECTORY_ID ((struct id){{0}})

enum role { ROLE_NONE, ROLE_OBSERVER, ROLE_NORMAL, ROLE_ADMIN };
bool role_parse(struct slice text, enum role *ret_role); /* observer, normal, admin */
struct slice role_name(enum role r);

#endif
