/* op.h - the single list of what a client may ask. An op is an intent; the home resolves it into
 * effects.
 *
 * Adding an op: a row here, its payload's keys in op_decode.c, a resolver in resolve_<family>.c,
 * a row in the tests' matrix. */
#ifndef TAVLA_CORE_OP_H
#define TAVLA_CORE_OP_H

#include "core/effect.h"
#include "core/perm.h"
#include "core/place.h"

/* clang-format off */
#define OP_TABLE(X) /* name           wire              permission   target kind */                                     \
    X(BOARD_CREATE,   "board.create",   PERM_NONE,   BOARD)      /* id of the new board is the command's board */      \
    X(BOARD_SET,      "board.set",      PERM_ADMIN,  BOARD)                                                              \
    X(BOARD_CLOSE,    "board.close",    PERM_ADMIN,  BOARD)                                                              \
    X(BOARD_REOPEN,   "board.reopen",   PERM_ADMIN,  BOARD)                                                              \
    X(BOARD_DELETE,   "board.delete",   PERM_ADMIN,  BOARD)                                                              \
    X(LIST_CREATE,    "list.create",    PERM_EDIT,   LIST)                                                               \
    X(LIST_SET,       "list.set",       PERM_EDIT,   LIST)                                                               \
    X(LIST_MOVE,      "list.move",      PERM_EDIT,   LIST)                                                               \
    X(LIST_CLOSE,     "list.close",     PERM_EDIT,   LIST)                                                               \
    X(LIST_REOPEN,    "list.reopen",    PERM_EDIT,   LIST)                                                               \
    X(LIST_SORT,      "list.sort",      PERM_EDIT,   LIST)                                                               \
    X(LIST_ARCHIVE_CARDS, "list.archiveCards", PERM_EDIT, LIST)                                                          \
    X(LIST_MOVE_CARDS,"list.moveCards", PERM_EDIT,   LIST)                                                               \
    X(LIST_COPY,      "list.copy",      PERM_EDIT,   LIST)       /* {objects,pos}: the first is the list; only from the server's own reader, see core/list_copy.h */ \
    X(LIST_DELETE,    "list.delete",    PERM_ADMIN,  LIST)                                                               \
    X(CARD_CREATE,    "card.create",    PERM_EDIT,   CARD)                                                               \
    X(CARD_COPY,      "card.copy",      PERM_EDIT,   CARD)       /* {id,idSource,idList,keep?:[..]} and what card.create takes */ \
    X(CARD_SET,       "card.set",       PERM_EDIT,   CARD)                                                               \
    X(CARD_MOVE,      "card.move",      PERM_EDIT,   CARD)                                                               \
    X(CARD_TRANSFER,  "card.transfer",  PERM_EDIT,   CARD)       /* {id|ids,idBoard,idList?}: to another board, as the only op of its command */ \
    X(CARD_CLOSE,     "card.close",     PERM_EDIT,   CARD)                                                               \
    X(CARD_REOPEN,    "card.reopen",    PERM_EDIT,   CARD)                                                               \
    X(CARD_DELETE,    "card.delete",    PERM_EDIT,   CARD)       /* refused unless closed, `force` apart (REST DELETE) */\
    X(CARD_LABEL,     "card.label",     PERM_EDIT,   CARD)                                                               \
    X(CARD_MEMBER,    "card.member",    PERM_EDIT,   CARD)                                                               \
    X(CARD_VOTE,      "card.vote",      PERM_READ,   CARD)       /* {id,on}: for oneself, as the board's prefs.voting has it */ \
    X(CARDS_CREATE,   "cards.create",   PERM_EDIT,   CARD)                                                               \
    X(CARDS_MOVE,     "cards.move",     PERM_EDIT,   CARD)                                                               \
    X(CARDS_SET,      "cards.set",      PERM_EDIT,   CARD)                                                               \
    X(CARDS_BADGES,   "cards.badges",   PERM_SYSTEM, CARD)       /* {ids}: counted anew, see core/engine_mend.c */       \
    X(CHECKLIST_CREATE, "checklist.create", PERM_EDIT, CHECKLIST)                                                        \
    X(CHECKLIST_SET,  "checklist.set",  PERM_EDIT,   CHECKLIST)                                                          \
    X(CHECKLIST_MOVE, "checklist.move", PERM_EDIT,   CHECKLIST)                                                          \
    X(CHECKLIST_DELETE, "checklist.delete", PERM_EDIT, CHECKLIST)                                                        \
    X(CHECK_ITEM_CREATE, "checkItem.create", PERM_EDIT, CHECK_ITEM)                                                      \
    X(CHECK_ITEM_SET, "checkItem.set",  PERM_EDIT,   CHECK_ITEM)                                                         \
    X(CHECK_ITEM_MOVE, "checkItem.move", PERM_EDIT,  CHECK_ITEM) /* to a checklist of the same card */                   \
    X(CHECK_ITEM_DELETE, "checkItem.delete", PERM_EDIT, CHECK_ITEM)                                                      \
    X(COMMENT_CREATE, "comment.create", PERM_READ,   COMMENT)    /* as prefs.comments has it, as all of these */       \
    X(COMMENT_SET,    "comment.set",    PERM_READ,   COMMENT)    /* its author only */                                   \
    X(COMMENT_DELETE, "comment.delete", PERM_READ,   COMMENT)    /* its author, or an admin */                           \
    X(COMMENT_REACT,  "comment.react",  PERM_READ,   COMMENT)    /* {id,emoji,on}: for oneself */                        \
    X(ATTACHMENT_CREATE, "attachment.create", PERM_EDIT, ATTACHMENT) /* a link */                                        \
    X(ATTACHMENT_FILE, "attachment.file", PERM_EDIT, ATTACHMENT) /* a stored file; only from the server's own upload */  \
    X(ATTACHMENT_SET, "attachment.set", PERM_EDIT,   ATTACHMENT)                                                         \
    X(ATTACHMENT_MOVE, "attachment.move", PERM_EDIT, ATTACHMENT)                                                         \
    X(ATTACHMENT_DELETE, "attachment.delete", PERM_EDIT, ATTACHMENT)                                                     \
    X(CUSTOM_FIELD_CREATE, "customField.create", PERM_EDIT, CUSTOM_FIELD)                                                \
    X(CUSTOM_FIELD_SET, "customField.set", PERM_EDIT, CUSTOM_FIELD)                                                      \
    X(CUSTOM_FIELD_MOVE, "customField.move", PERM_EDIT, CUSTOM_FIELD)                                                    \
    X(CUSTOM_FIELD_DELETE, "customField.delete", PERM_EDIT, CUSTOM_FIELD)                                                \
    X(FIELD_OPTION_CREATE, "customFieldOption.create", PERM_EDIT, FIELD_OPTION)                                          \
    X(FIELD_OPTION_SET, "customFieldOption.set", PERM_EDIT, FIELD_OPTION)                                                \
    X(FIELD_OPTION_MOVE, "customFieldOption.move", PERM_EDIT, FIELD_OPTION)                                              \
    X(FIELD_OPTION_DELETE, "customFieldOption.delete", PERM_EDIT, FIELD_OPTION)                                          \
    X(FIELD_ITEM_SET, "customFieldItem.set", PERM_EDIT, FIELD_ITEM) /* id: unless the card has the field; without a value it goes */ \
    X(LABEL_CREATE,   "label.create",   PERM_EDIT,   LABEL)                                                              \
    X(LABEL_SET,      "label.set",      PERM_EDIT,   LABEL)                                                              \
    X(LABEL_DELETE,   "label.delete",   PERM_EDIT,   LABEL)                                                              \
    X(TEXT,           "text",           PERM_EDIT,   NONE)       /* {kind,id,field,delta}; board desc wants ADMIN */     \
    X(TEXT_PUT,       "text.put",       PERM_EDIT,   NONE)       /* {kind,id,field,text}: whole text, becomes a delta */ \
    X(MEMBER_ADD,     "member.add",     PERM_ADMIN,  MEMBERSHIP)                                                         \
    X(MEMBER_REMOVE,  "member.remove",  PERM_ADMIN,  MEMBERSHIP) /* oneself: any member may leave */                     \
    X(MEMBER_ROLE,    "member.role",    PERM_ADMIN,  MEMBERSHIP)                                                         \
    X(IMPORT_ADD,     "import.add",     PERM_ADMIN,  NONE)       /* {objects:[[kind,{..}],..],files?} verbatim; only from the server's own importer */\
    X(REVERT,         "event.revert",   PERM_EDIT,   NONE)       /* {record:[public,old],id?} of the log; only from the server's own reader; of the board: ADMIN */ \
    X(MEMBER_JOIN,    "member.join",    PERM_READ,   MEMBERSHIP) /* {}: oneself, by way of the board's organization */   \
    X(ORG_CREATE,     "organization.create", PERM_NONE, ORGANIZATION) /* of the directory, as all of these: who may do what, core/resolve_organization.c asks */ \
    X(ORG_SET,        "organization.set", PERM_NONE, ORGANIZATION)                                                       \
    X(ORG_DELETE,     "organization.delete", PERM_NONE, ORGANIZATION)                                                    \
    X(ORG_MEMBER_ADD, "organization.memberAdd", PERM_NONE, ORGANIZATION) /* {id,idMember,role} */                        \
    X(ORG_MEMBER_ROLE, "organization.memberRole", PERM_NONE, ORGANIZATION)                                               \
    X(ORG_MEMBER_REMOVE, "organization.memberRemove", PERM_NONE, ORGANIZATION) /* oneself: any member may leave */       \
    X(DIR_MEMBER,     "dir.member",     PERM_SYSTEM, MEMBER)     /* {id,fullName,username?} make a member */             \
    X(DIR_LINK,       "dir.link",       PERM_SYSTEM, LINK)       /* {id,hash,idMember,idBoard?,expires} */              \
    X(DIR_UNLINK,     "dir.unlink",     PERM_SYSTEM, LINK)       /* {id}: withdraws it */                                \
    X(DIR_SIGN_IN,    "dir.signIn",     PERM_SYSTEM, SESSION)    /* {idLink,linkHash,id,hash,expires}: uses up the link, makes the session */ \
    X(DIR_SIGN_OUT,   "dir.signOut",    PERM_SYSTEM, SESSION)    /* {id} */                                              \
    X(DIR_STAR,       "dir.star",       PERM_SYSTEM, SHELF)      /* {id,idBoard,idMember,star} */                        \
    X(DIR_WATCH,      "dir.watch",      PERM_SYSTEM, SHELF)      /* {id,idBoard,idMember,element,on} */
/* clang-format on */

enum op_name {
#define X(name, wire, perm, kind) OP_##name,
    OP_TABLE(X)
#undef X
            OP_COUNT
};

/* What a copy of a card takes along, beside its name, text, place and colour. */
#define KEEP_TABLE(X)              \
    X(ATTACHMENTS, "attachments")  \
    X(CHECKLISTS, "checklists")    \
    X(COMMENTS, "comments")        \
    X(CUSTOM_FIELDS, "customFields") \
    X(DUE, "due")                  \
    X(LABELS, "labels")            \
    X(MEMBERS, "members")          \
    X(START, "start")              \
    X(STICKERS, "stickers") /* nothing has them: Trello's clients name them */

enum keep {
#define X(name, wire) KEEP_##name,
    KEEP_TABLE(X)
#undef X
            KEEP_COUNT
};

struct op_info {
    struct slice wire;
    enum perm perm;
    enum kind kind;
};

const struct op_info *op_info(enum op_name name);
bool op_on_directory(enum op_name name); /* else it is a board's */

/* One decoded op. Which members are set depends on the op; op_decode has seen to types, limits and
 * required keys. Arrays, slices
 * and JSON live in the command's arena; values on the heap until the op is resolved or dropped. */
struct op {
    enum op_name name;
    enum kind kind; /* target's kind (text: as given) */
    struct id id;   /* target; none for a board op */
    struct id *ids; /* many */
    uint32_t id_count;
    struct id id_list; /* create, move */
    struct id id_board; /* transfer: where to */
    struct id id_card; /* create of its parts */
    struct id id_checklist; /* create, move of its items */
    struct id element; /* label, member; source of a copy */
    bool on;
    struct place place;
    bool has_place;
    struct effect_column *sets; /* field values given */
    uint32_t set_count;
    enum field text_field;
    struct delta delta;
    struct slice text; /* text.put, desc given with a create */
    bool has_text;
    enum role role;
    struct id member;
    uint64_t if_s;           /* `if`: refuse when the entity is newer; UINT64_MAX: not given */
    const json_t *if_fields; /* `if` as {field: s}; NULL: not given so */
    struct slice by;         /* list.sort: name, due, dateLastActivity, ... */
    bool force;
    uint32_t keep; /* card.copy: bits by enum keep; all, unless given */
    /* event.revert: the record with what it set, and with what it replaced */
    struct event *record, *replaced;
    const json_t *raw; /* the op as it came */
};

/* One op message's list; cards.create comes out as one CARD_CREATE a card. ERR_INVALID naming op,
 * field, what was wrong and what was expected; ERR_TOO_LARGE. internal: may use the directory's
 * rows and what only the server itself says: import.add, event.revert, attachment.file. */
enum err ops_decode(struct arena *a, const json_t *ops, bool internal, struct op **ret_ops,
        uint32_t *ret_count, struct fault *fault);
void ops_fini(struct op *ops, uint32_t count); /* frees values not yet taken */
/* Texts that must be in memory before this op can be resolved: calls need for each. The none id
 * is the board's own. */
void op_needs(const struct op *op, void (*need)(void *context, struct id id, enum field field),
        void *context);

#endif
