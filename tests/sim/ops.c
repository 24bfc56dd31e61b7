/* What people ask for: random op lists over what a client believes to be there, which may be
 * stale, and sometimes over what cannot be. */
#include <stdarg.h>
#include <stdio.h>

#include "core/base/json_write.h"
#include "tests/sim/sim.h"

struct maker {
    struct world *w;
    struct client_sim *c;
    struct rng *r;
    struct buf out;
    struct id fresh; /* made by this list: later ops may use it */
};

static struct id new_id(struct maker *k)
{
    return k->fresh = id_make((uint32_t)(k->w->now / 1000), rng_next(k->r));
}

static void put_id(struct maker *k, const char *key, struct id id)
{
    char text[ID_TEXT + 1];
    id_format(id, text);
    buf_add_format(&k->out, ",\"%s\":\"%s\"", key, text);
}

/* An id of that kind: as a rule one that the client sees, else any of another board, or none
 * that exists. */
static struct id some(struct maker *k, const char *kind)
{
    const struct model_object *o = model_pick(&k->c->model, k->r, kind);
    if (o == NULL || rng_chance(k->r, 2))
        o = model_pick(&k->w->clients[rng_below(k->r, CLIENTS)].model, k->r, kind);
    return o == NULL ? new_id(k) : o->id;
}

static void put_place(struct maker *k, const char *kind)
{
    switch (rng_below(k->r, 7)) {
    case 0: BUF_ADD(&k->out, ",\"pos\":\"top\""); break;
    case 1: BUF_ADD(&k->out, ",\"pos\":\"bottom\""); break;
    case 2:
        buf_add_format(
                &k->out, ",\"pos\":%llu", (unsigned long long)(1 + rng_below(k->r, 4)) * 32768);
        break;
    case 3: BUF_ADD(&k->out, ",\"after\":\"\""); break;
    case 4: put_id(k, "before", some(k, kind)); break;
    case 5:
        put_id(k, "after", some(k, kind));
        put_id(k, "before", some(k, kind));
        break;
    default: put_id(k, "after", some(k, kind)); break;
    }
}

static void put_name(struct maker *k)
{
    static const char *const words[] = {"milk", "\xc3\xa4pfel", "caf\xc3\xa9 \xe2\x98\x95",
            "\xf0\x9f\x90\x88", "ship it", "a \\\"quote\\\"", ""};
    buf_add_format(&k->out, ",\"name\":\"%s %llu\"", words[rng_below(k->r, 7)],
            (unsigned long long)rng_below(k->r, 1000));
}

static void put_if(struct maker *k)
{
    if (rng_chance(k->r, 4))
        buf_add_format(&k->out, ",\"if\":%llu",
                (unsigned long long)(k->c->model.seq - rng_below(k->r, k->c->model.seq + 1) / 8));
    else if (rng_chance(k->r, 3))
        buf_add_format(&k->out, ",\"if\":{\"name\":%llu}",
                (unsigned long long)(k->c->model.seq - rng_below(k->r, k->c->model.seq + 1) / 8));
}

static void put_card_fields(struct maker *k)
{
    if (rng_chance(k->r, 50)) put_name(k);
    if (rng_chance(k->r, 30))
        buf_add_format(
                &k->out, ",\"due\":\"2026-12-%02dT10:00:00.000Z\"", 1 + (int)rng_below(k->r, 28));
    if (rng_chance(k->r, 10))
        BUF_ADD(&k->out, ",\"cover\":{\"color\":\"red\",\"a\":[1,{\"b\":2}]}");
    else if (rng_chance(k->r, 20)) {
        BUF_ADD(&k->out, ",\"cover\":{\"size\":\"full\"");
        put_id(k, "idAttachment", some(k, "attachment"));
        BUF_ADD(&k->out, "}");
    }
    buf_add_format(&k->out, ",\"dueComplete\":%s", rng_chance(k->r, 50) ? "true" : "false");
}

static void begin(struct maker *k, const char *op)
{
    buf_add_format(&k->out, "{\"op\":\"%s\"", op);
}

static void create_body(struct maker *k)
{
    struct id id = rng_chance(k->r, 2) ? some(k, "card") : new_id(k);
    put_id(k, "id", id);
    put_id(k, "idList", some(k, "list"));
    put_name(k);
    put_place(k, "card");
    if (rng_chance(k->r, 20)) BUF_ADD(&k->out, ",\"desc\":\"first \xf0\x9f\x90\x88 words\"");
}

static void card_create(struct maker *k)
{
    begin(k, "card.create");
    create_body(k);
    BUF_ADD(&k->out, "}");
}

static void card_copy(struct maker *k)
{
    static const char *const keeps[] = {"", ",\"keep\":[]", ",\"keep\":[\"checklists\"]",
            ",\"keep\":[\"comments\",\"attachments\",\"labels\",\"members\"]"};
    begin(k, "card.copy");
    put_id(k, "id", rng_chance(k->r, 2) ? some(k, "card") : new_id(k));
    put_id(k, "idSource", some(k, "card"));
    put_id(k, "idList", some(k, "list"));
    put_place(k, "card");
    buf_add_format(&k->out, "%s}", keeps[rng_below(k->r, 4)]);
}

static void cards_create(struct maker *k)
{
    BUF_ADD(&k->out, "{\"op\":\"cards.create\",\"cards\":[");
    for (uint64_t i = 0, count = 1 + rng_below(k->r, 4); i < count; i++) {
        BUF_ADD(&k->out, "{");
        size_t start = k->out.len;
        create_body(k);
        /* without the first comma */
        memmove(k->out.ptr + start, k->out.ptr + start + 1, k->out.len - start - 1);
        k->out.len--;
        buf_add_format(&k->out, "}%s", i + 1 < count ? "," : "");
    }
    BUF_ADD(&k->out, "]}");
}

static void card_move(struct maker *k)
{
    begin(k, "card.move");
    put_id(k, "id", some(k, "card"));
    if (rng_chance(k->r, 70)) put_id(k, "idList", some(k, "list"));
    put_place(k, "card");
    put_if(k);
    BUF_ADD(&k->out, "}");
}

static void card_set(struct maker *k)
{
    begin(k, "card.set");
    put_id(k, "id", some(k, "card"));
    put_card_fields(k);
    put_if(k);
    BUF_ADD(&k->out, "}");
}

static void plain(struct maker *k, const char *op, const char *kind)
{
    begin(k, op);
    put_id(k, "id", some(k, kind));
    BUF_ADD(&k->out, "}");
}

static void card_delete(struct maker *k)
{
    begin(k, "card.delete");
    put_id(k, "id", some(k, "card"));
    if (rng_chance(k->r, 70)) BUF_ADD(&k->out, ",\"force\":true");
    BUF_ADD(&k->out, "}");
}

static void tag(struct maker *k, const char *op, struct id element)
{
    begin(k, op);
    put_id(k, "id", some(k, "card"));
    put_id(k, "element", element);
    buf_add_format(&k->out, ",\"on\":%s}", rng_chance(k->r, 65) ? "true" : "false");
}

/* And whoever is an admin may say who votes at all. */
static void vote_op(struct maker *k)
{
    static const char *const who[] = {"members", "observers", "disabled"};
    if (rng_chance(k->r, 15)) {
        buf_add_format(&k->out, "{\"op\":\"board.set\",\"prefs\":{\"voting\":\"%s\"}}",
                who[rng_below(k->r, 7) / 3]);
        return;
    }
    begin(k, "card.vote");
    put_id(k, "id", some(k, "card"));
    buf_add_format(&k->out, ",\"on\":%s}", rng_chance(k->r, 70) ? "true" : "false");
}

static void ids(struct maker *k)
{
    struct id seen[6];
    size_t count = 0;
    for (uint64_t tries = 1 + rng_below(k->r, 5); tries > 0; tries--) {
        struct id id = some(k, "card");
        bool twice = false;
        for (size_t i = 0; i < count; i++)
            twice = twice || id_eq(seen[i], id);
        if (!twice) seen[count++] = id;
    }
    BUF_ADD(&k->out, ",\"ids\":[");
    for (size_t i = 0; i < count; i++) {
        char text[ID_TEXT + 1];
        id_format(seen[i], text);
        buf_add_format(&k->out, "%s\"%s\"", i > 0 ? "," : "", text);
    }
    BUF_ADD(&k->out, "]");
}

static void many(struct maker *k)
{
    bool move = rng_chance(k->r, 60);
    begin(k, move ? "cards.move" : "cards.set");
    ids(k);
    if (move) {
        put_id(k, "idList", some(k, "list"));
        put_place(k, "card");
    } else {
        put_card_fields(k);
    }
    BUF_ADD(&k->out, "}");
}

/* A list of that board, which is none of this client's: as it is stored. */
static struct id stored_list(struct maker *k, struct id board)
{
    const struct port_board *pb = port_board(&k->w->port, board);
    uint64_t count = 0;
    struct id id = new_id(k);
    for (const struct port_entity *e = pb->entities; e != NULL; e = e->hh.next)
        if (e->key[0] == KIND_LIST && rng_below(k->r, ++count) == 0)
            memcpy(id.bytes, e->key + 1, ID_BYTES);
    return id;
}

static void transfer_op(struct maker *k)
{
    size_t here = board_index(k->w, k->c->board);
    struct id other = k->w->boards[rng_chance(k->r, 3) ? here : (here + 1) % BOARDS];
    begin(k, "card.transfer");
    if (rng_chance(k->r, 75))
        put_id(k, "id", some(k, "card"));
    else
        ids(k);
    put_id(k, "idBoard", rng_chance(k->r, 2) ? new_id(k) : other);
    if (rng_chance(k->r, 60)) put_id(k, "idList", stored_list(k, other));
    if (rng_chance(k->r, 40)) put_place(k, "card");
    put_if(k);
    BUF_ADD(&k->out, "}");
}

static void list_op(struct maker *k)
{
    static const char *const orders[] = {"name", "due", "dateLastActivity", "pos", "id"};
    switch (rng_below(k->r, 10)) {
    case 0:
    case 1:
        begin(k, "list.create");
        put_id(k, "id", new_id(k));
        put_name(k);
        put_place(k, "list");
        break;
    case 2:
        begin(k, "list.set");
        put_id(k, "id", some(k, "list"));
        put_name(k);
        put_if(k);
        break;
    case 3:
    case 4:
        begin(k, "list.move");
        put_id(k, "id", some(k, "list"));
        put_place(k, "list");
        break;
    case 5:
        begin(k, rng_chance(k->r, 40) ? "list.close" : "list.reopen");
        put_id(k, "id", some(k, "list"));
        break;
    case 6:
        begin(k, "list.sort");
        put_id(k, "id", some(k, "list"));
        buf_add_format(&k->out, ",\"by\":\"%s\"", orders[rng_below(k->r, 5)]);
        break;
    case 7:
        begin(k, "list.archiveCards");
        put_id(k, "id", some(k, "list"));
        break;
    case 8:
        begin(k, "list.moveCards");
        put_id(k, "id", some(k, "list"));
        put_id(k, "idList", some(k, "list"));
        break;
    default:
        begin(k, "list.delete");
        put_id(k, "id", some(k, "list"));
        if (rng_chance(k->r, 50)) put_id(k, "idList", some(k, "list"));
        break;
    }
    BUF_ADD(&k->out, "}");
}

static void checklist_op(struct maker *k)
{
    uint64_t choice = rng_below(k->r, 8);
    begin(k, choice < 4    ? "checklist.create"
             : choice == 4 ? "checklist.set"
             : choice < 7  ? "checklist.move"
                           : "checklist.delete");
    put_id(k, "id", choice < 4 ? new_id(k) : some(k, "checklist"));
    if (choice < 4) put_id(k, "idCard", some(k, "card"));
    if (choice < 5) put_name(k);
    if (choice < 4 || choice == 5 || choice == 6) put_place(k, "checklist");
    BUF_ADD(&k->out, "}");
}

static void check_item_op(struct maker *k)
{
    uint64_t choice = rng_below(k->r, 14);
    begin(k, choice < 6    ? "checkItem.create"
             : choice < 10 ? "checkItem.set"
             : choice < 13 ? "checkItem.move"
                           : "checkItem.delete");
    put_id(k, "id", choice < 6 ? new_id(k) : some(k, "checkItem"));
    if (choice < 6 || choice == 12) put_id(k, "idChecklist", some(k, "checklist"));
    if (choice < 7) put_name(k);
    if (choice < 10)
        buf_add_format(
                &k->out, ",\"state\":\"%s\"", rng_chance(k->r, 50) ? "complete" : "incomplete");
    if (choice < 10 && rng_chance(k->r, 20))
        buf_add_format(
                &k->out, ",\"due\":\"2026-12-%02dT10:00:00Z\"", 1 + (int)rng_below(k->r, 28));
    if (choice < 10 && rng_chance(k->r, 10))
        put_id(k, "idMember", k->w->members[rng_below(k->r, MEMBERS)]);
    if (choice < 6 || (choice >= 10 && choice < 13)) put_place(k, "checkItem");
    BUF_ADD(&k->out, "}");
}

static void comment_op(struct maker *k)
{
    static const char *const emojis[] = {"\xf0\x9f\x91\x8d", "\xe2\x9d\xa4", "\xf0\x9f\x90\x88"};
    uint64_t choice = rng_below(k->r, 12);
    begin(k, choice < 6   ? "comment.create"
             : choice < 8 ? "comment.set"
             : choice < 9 ? "comment.delete"
                          : "comment.react");
    put_id(k, "id", choice < 6 ? new_id(k) : some(k, "comment"));
    if (choice < 6) put_id(k, "idCard", some(k, "card"));
    if (choice < 8)
        buf_add_format(&k->out, ",\"text\":\"said %llu \xf0\x9f\x90\x88\"",
                (unsigned long long)rng_below(k->r, 1000));
    if (choice >= 9)
        buf_add_format(&k->out, ",\"emoji\":\"%s\",\"on\":%s", emojis[rng_below(k->r, 3)],
                rng_chance(k->r, 65) ? "true" : "false");
    BUF_ADD(&k->out, "}");
}

static void attachment_op(struct maker *k)
{
    uint64_t choice = rng_below(k->r, 8);
    begin(k, choice < 4    ? "attachment.create"
             : choice == 4 ? "attachment.set"
             : choice < 7  ? "attachment.move"
                           : "attachment.delete");
    put_id(k, "id", choice < 4 ? new_id(k) : some(k, "attachment"));
    if (choice < 4) put_id(k, "idCard", some(k, "card"));
    if (choice < 4)
        buf_add_format(&k->out, ",\"url\":\"%s://example.org/%s/abcd123%llu\"",
                rng_chance(k->r, 5) ? "javascript" : "https", rng_chance(k->r, 50) ? "c" : "b",
                (unsigned long long)rng_below(k->r, 10));
    if (choice == 4 || rng_chance(k->r, 20)) put_name(k);
    if (choice < 4 || choice == 5 || choice == 6) put_place(k, "attachment");
    BUF_ADD(&k->out, "}");
}

static void custom_field_op(struct maker *k)
{
    uint64_t choice = rng_below(k->r, 8);
    bool option = rng_chance(k->r, 40);
    const char *kind = option ? "customFieldOption" : "customField";
    char op[40];
    snprintf(op, sizeof op, "%s.%s", kind,
            choice < 4    ? "create"
            : choice == 4 ? "set"
            : choice < 7  ? "move"
                          : "delete");
    begin(k, op);
    put_id(k, "id", choice < 4 ? new_id(k) : some(k, kind));
    if (choice < 4 && option) put_id(k, "idCustomField", some(k, "customField"));
    if (choice < 4 && !option)
        buf_add_format(&k->out, ",\"type\":\"%s\"", rng_chance(k->r, 50) ? "list" : "number");
    if (choice < 5 && !option) put_name(k);
    if (choice < 5 && option) BUF_ADD(&k->out, ",\"text\":\"high\",\"color\":\"red\"");
    if (choice < 4 || choice == 5 || choice == 6) put_place(k, kind);
    BUF_ADD(&k->out, "}");
}

static void field_item_op(struct maker *k)
{
    begin(k, "customFieldItem.set");
    put_id(k, "id", new_id(k));
    put_id(k, "idCard", some(k, "card"));
    put_id(k, "idCustomField", some(k, "customField"));
    if (rng_chance(k->r, 40))
        put_id(k, "idValue", some(k, "customFieldOption"));
    else if (rng_chance(k->r, 80))
        buf_add_format(&k->out, ",\"value\":{\"number\":\"%llu\"}",
                (unsigned long long)rng_below(k->r, 100));
    BUF_ADD(&k->out, "}");
}

static void label_op(struct maker *k)
{
    uint64_t choice = rng_below(k->r, 5);
    begin(k, choice < 2 ? "label.create" : choice < 4 ? "label.delete" : "label.set");
    put_id(k, "id", choice < 2 ? new_id(k) : some(k, "label"));
    if (choice < 2 || choice == 4) {
        put_name(k);
        BUF_ADD(&k->out, ",\"color\":\"blue_dark\"");
    }
    BUF_ADD(&k->out, "}");
}

/* Has it a delta on this text under way? One is all that a client may have. */
static bool types_in(const struct client_sim *c, struct id id)
{
    char text[ID_TEXT + 1];
    id_format(id, text);
    for (const struct pending *p = c->pending; p != NULL; p = p->next)
        if (p->ops != NULL && strstr(p->ops, "\"op\":\"text") != NULL &&
                strstr(p->ops, text) != NULL)
            return true;
    return false;
}

/* Units of the next few characters. */
static unsigned some_units(struct maker *k, const char **at)
{
    unsigned units = 0;
    for (uint64_t left = rng_below(k->r, 6); left > 0 && **at != '\0'; left--) {
        unsigned char lead = (unsigned char)**at;
        units += lead >= 0xf0 ? 2 : 1;
        *at += lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    }
    return units;
}

static void put_delta(struct maker *k, const char *text)
{
    unsigned kept = rng_chance(k->r, 70) ? some_units(k, &text) : 0;
    BUF_ADD(&k->out, ",\"delta\":[");
    if (kept > 0) buf_add_format(&k->out, "%u,", kept);
    buf_add_format(&k->out, "\"%llu\xf0\x9f\x90\x88\"", (unsigned long long)rng_below(k->r, 100));
    unsigned gone = rng_chance(k->r, 60) ? some_units(k, &text) : 0;
    if (gone > 0) buf_add_format(&k->out, ",-%u", gone);
    if (rng_chance(k->r, 3)) BUF_ADD(&k->out, ",100000,\"beyond\"");
    BUF_ADD(&k->out, "]}");
}

/* As a rule the oldest card, so that several people meet in one text. */
static const struct model_object *text_card(struct maker *k)
{
    const struct model_object *card = model_pick(&k->c->model, k->r, "card");
    if (rng_chance(k->r, 25)) return card;
    for (const struct model_object *o = k->c->model.objects; o != NULL; o = o->hh.next)
        if (strcmp(o->kind, "card") == 0 && memcmp(&o->id, &card->id, sizeof o->id) < 0) card = o;
    return card;
}

static void text_op(struct maker *k)
{
    const struct model_object *card = text_card(k);
    bool whole =
            card == NULL || card->desc == NULL || types_in(k->c, card->id) || rng_chance(k->r, 10);
    begin(k, whole ? "text.put" : "text");
    put_id(k, "id", card == NULL ? new_id(k) : card->id);
    BUF_ADD(&k->out, ",\"kind\":\"card\",\"field\":\"desc\"");
    if (whole)
        buf_add_format(&k->out, ",\"text\":\"whole \xf0\x9f\x90\x88 %llu\"}",
                (unsigned long long)rng_below(k->r, 100));
    else
        put_delta(k, card->desc);
}

static void member_op(struct maker *k)
{
    static const char *const roles[] = {"normal", "observer", "admin"};
    uint64_t choice = rng_below(k->r, 10);
    struct id member = k->w->members[rng_below(k->r, MEMBERS)];
    if (choice < 5) {
        begin(k, "member.add");
        put_id(k, "idMember", member);
        buf_add_format(&k->out, ",\"role\":\"%s\"}", roles[rng_below(k->r, 10) / 5]);
    } else {
        begin(k, choice < 8 ? "member.remove" : "member.role");
        put_id(k, "idMember", member);
        if (choice >= 8) buf_add_format(&k->out, ",\"role\":\"%s\"", roles[rng_below(k->r, 3)]);
        BUF_ADD(&k->out, "}");
    }
}

/* Who is not on the board may come by the workspace, and the board may leave that. */
static void workspace_op(struct maker *k)
{
    uint64_t choice = rng_below(k->r, 8);
    if (choice < 2) {
        begin(k, "member.join");
    } else {
        begin(k, "board.set");
        if (choice < 6)
            buf_add_format(&k->out,
                    ",\"prefs\":{\"permissionLevel\":\"%s\",\"selfJoin\":%s}",
                    choice < 5 ? "org" : "private", rng_chance(k->r, 20) ? "true" : "false");
        else if (choice < 7)
            BUF_ADD(&k->out, ",\"idOrganization\":null");
        if (choice != 6 && rng_chance(k->r, 60)) put_id(k, "idOrganization", k->w->organization);
    }
    BUF_ADD(&k->out, "}");
}

static void board_op(struct maker *k)
{
    if (rng_chance(k->r, 30)) {
        workspace_op(k);
        return;
    }
    if (rng_chance(k->r, 50))
        buf_add_format(&k->out, "{\"op\":\"board.set\",\"prefs\":{\"background\":\"b%llu\"}}",
                (unsigned long long)rng_below(k->r, 9));
    else
        buf_add_format(&k->out, "{\"op\":\"board.set\",\"name\":\"board %llu\"}",
                (unsigned long long)rng_below(k->r, 99));
}

static void one(struct maker *k)
{
    uint64_t choice = rng_below(k->r, 100);
    if (choice < 8)
        card_create(k);
    else if (choice < 10)
        card_copy(k);
    else if (choice < 11)
        attachment_op(k);
    else if (choice < 12)
        custom_field_op(k);
    else if (choice < 14)
        field_item_op(k);
    else if (choice < 16)
        comment_op(k);
    else if (choice < 19)
        checklist_op(k);
    else if (choice < 24)
        check_item_op(k);
    else if (choice < 29)
        cards_create(k);
    else if (choice < 43)
        card_move(k);
    else if (choice < 54)
        card_set(k);
    else if (choice < 58)
        plain(k, rng_chance(k->r, 50) ? "card.close" : "card.reopen", "card");
    else if (choice < 63)
        card_delete(k);
    else if (choice < 69)
        tag(k, "card.label", some(k, "label"));
    else if (choice < 71)
        vote_op(k);
    else if (choice < 74)
        tag(k, "card.member", k->w->members[rng_below(k->r, MEMBERS)]);
    else if (choice < 79)
        many(k);
    else if (choice < 85)
        list_op(k);
    else if (choice < 89)
        label_op(k);
    else if (choice < 96)
        text_op(k);
    else if (choice < 98 || !k->c->admin)
        board_op(k);
    else
        member_op(k);
}

char *ops_make(struct world *w, struct client_sim *c)
{
    struct maker k = {.w = w, .c = c, .r = &w->rng};
    buf_init(&k.out, KIB(64));
    BUF_ADD(&k.out, "[");
    bool alone = rng_chance(&w->rng, 4);
    if (alone)
        transfer_op(&k);
    else
        one(&k);
    uint64_t more = rng_chance(&w->rng, alone ? 3 : 12) ? rng_below(&w->rng, 4) : 0;
    for (; more > 0; more--) {
        BUF_ADD(&k.out, ",");
        one(&k);
    }
    BUF_ADD(&k.out, "]");
    CHECK(buf_ok(&k.out));
    buf_add_char(&k.out, '\0');
    return k.out.ptr; /* grown by mem, so mem_free takes it */
}
