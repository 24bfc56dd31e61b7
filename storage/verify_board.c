#include "storage/verify_board.h"

#include "core/base/limits.h"
#include "storage/record.h"

/* -- the log */

static void check_log(struct verify *v, struct id board, const struct board_head *head)
{
    struct scan scan;
    struct slice key, value, public_json, old_json;
    struct hash128 chain = head->floor_chain;
    uint64_t next = head->floor + 1, seq, h;
    struct key start = key_id(board);
    enum err err;
    if (scan_open(&scan, v->db, v->txn, TABLE_EVENTS, &start, ID_BYTES) != ERR_OK) return;
    while ((err = scan_next(&scan, &key, &value)) == ERR_OK) {
        struct id of;
        if (!key_event_read(key, &of, &seq) || !record_event_read(value, &public_json, &old_json)) {
            verify_finding(v, TABLE_EVENTS, key, "is not a log record");
            break;
        }
        if (seq != next) {
            verify_finding(v, TABLE_EVENTS, key, "has seq %llu where %llu comes next",
                    (unsigned long long)seq, (unsigned long long)next);
            break;
        }
        if (!event_chain(chain, public_json, old_json, &chain) ||
                !record_event_h(public_json, &h) || h != hash_head(chain)) {
            verify_finding(v, TABLE_EVENTS, key, "does not follow from the record before it");
            break;
        }
        next++;
    }
    scan_close(&scan);
    if (err != ERR_NOT_FOUND) return; /* said already: here, or by the walk over the table */
    struct key k = key_id(board);
    if (next != head->seq + 1)
        verify_finding(v, TABLE_HEADS, key_slice(&k), "names seq %llu, but the log ends at %llu",
                (unsigned long long)head->seq, (unsigned long long)next - 1);
    else if (memcmp(&chain, &head->chain, sizeof(chain)) != 0)
        verify_finding(v, TABLE_HEADS, key_slice(&k), "has another chain than its log");
}

/* -- the entities */

struct entities_walk {
    uint64_t count, sum;
    uint64_t newest; /* greatest s */
    bool deleted;    /* a deleted board keeps its objects, but nobody is on it */
    struct arena scratch;
};

static void check_id(
        struct verify *v, struct slice key, struct id board, enum kind kind, struct id id)
{
    struct slice value;
    struct location at = {.kind = KIND_NONE};
    struct key k = key_id(id);
    enum err err = db_get(v->db, v->txn, TABLE_IDS, &k, &value);
    if (err == ERR_NOT_FOUND) verify_finding(v, TABLE_ENTITIES, key, "is missing in ids");
    if (err != ERR_OK || !record_location_read(value, &at)) return;
    if (!id_eq(at.board, board) || at.kind != kind)
        verify_finding(v, TABLE_ENTITIES, key, "is another object in ids");
}

static void check_short(
        struct verify *v, struct slice key, const json_t *tree, const struct location *self)
{
    struct slice link, value;
    struct location at = {.kind = KIND_NONE};
    if (!json_get_slice(tree, "shortLink", &link) || link.len == 0) return;
    if (!short_link_valid(link)) {
        verify_finding(v, TABLE_ENTITIES, key, "has a malformed short link");
        return;
    }
    struct key k = key_bytes(link);
    enum err err = db_get(v->db, v->txn, TABLE_SHORTS, &k, &value);
    if (err == ERR_NOT_FOUND) verify_finding(v, TABLE_ENTITIES, key, "is missing in shorts");
    if (err != ERR_OK || value.len != LOCATION_SHORT_BYTES || !record_location_read(value, &at))
        return;
    if (!id_eq(at.board, self->board) || at.kind != self->kind || !id_eq(at.id, self->id))
        verify_finding(v, TABLE_ENTITIES, key, "has a short link that leads elsewhere");
}

static void check_membership(
        struct verify *v, struct slice key, const json_t *tree, struct id board)
{
    struct slice member_text, role_text, value;
    struct id member;
    enum role role, stored;
    if (!json_get_slice(tree, "idMember", &member_text) || !id_parse(member_text, &member) ||
            !json_get_slice(tree, "memberType", &role_text) || !role_parse(role_text, &role)) {
        verify_finding(v, TABLE_ENTITIES, key, "names no member or no role");
        return;
    }
    struct key k = key_member(member, board);
    enum err err = db_get(v->db, v->txn, TABLE_MEMBERS, &k, &value);
    if (err == ERR_NOT_FOUND) verify_finding(v, TABLE_ENTITIES, key, "is missing in members");
    if (err != ERR_OK) return;
    v->memberships++;
    if (!record_role_read(value, &stored) || stored != role)
        verify_finding(v, TABLE_ENTITIES, key, "has another role in members");
}

/* An organization's boards are in members, too. */
static void check_organization(
        struct verify *v, struct slice key, const json_t *tree, struct id board)
{
    struct slice text, value;
    struct id organization;
    if (!json_get_slice(tree, "idOrganization", &text)) return; /* null */
    if (!id_parse(text, &organization)) {
        verify_finding(v, TABLE_ENTITIES, key, "names no organization");
        return;
    }
    struct key k = key_member(organization, board);
    enum err err = db_get(v->db, v->txn, TABLE_MEMBERS, &k, &value);
    if (err == ERR_NOT_FOUND)
        verify_finding(v, TABLE_ENTITIES, key, "is missing among its organization's boards");
    v->memberships += err == ERR_OK;
}

static void check_entity(
        struct verify *v, struct entities_walk *walk, struct slice key, struct slice json)
{
    struct location self;
    struct slice id_text;
    json_t *tree;
    uint64_t s;
    struct id id;
    if (!key_entity_read(key, &self.board, &self.kind, &self.id)) {
        verify_finding(v, TABLE_ENTITIES, key, "has a malformed key");
        return;
    }
    walk->count++;
    walk->sum += entity_sum(self.kind, self.id, json);
    arena_reset(&walk->scratch);
    if (json_read(&walk->scratch, json, &tree, NULL) != ERR_OK || !json_is_object(tree)) {
        verify_finding(v, TABLE_ENTITIES, key, "is not a JSON object");
        return;
    }
    if (!json_get_slice(tree, "id", &id_text) || !id_parse(id_text, &id) || !id_eq(id, self.id))
        verify_finding(v, TABLE_ENTITIES, key, "names another id than its key");
    if (json_get_u64(tree, "s", &s) && s > walk->newest) walk->newest = s;
    check_id(v, key, self.board, self.kind, self.id);
    check_short(v, key, tree, &self);
    if (kind_known(self.kind) && kind_card_field(self.kind) != FIELD_COUNT) v->parts++;
    if (self.kind == KIND_MEMBERSHIP && !walk->deleted) check_membership(v, key, tree, self.board);
    if (self.kind == KIND_BOARD) check_organization(v, key, tree, self.board);
}

static void check_entities(struct verify *v, struct id board, const struct board_head *head)
{
    struct scan scan;
    struct slice key, json;
    struct entities_walk walk = {.deleted = head->deleted};
    struct key start = key_id(board);
    enum err err;
    bool whole = true;
    if (scan_open(&scan, v->db, v->txn, TABLE_ENTITIES, &start, ID_BYTES) != ERR_OK) return;
    arena_init(&walk.scratch, KIB(64), MIB(16));
    while ((err = scan_next(&scan, &key, &json)) == ERR_OK || err == ERR_CORRUPT) {
        if (err == ERR_CORRUPT)
            whole = false; /* the walk over the table names it */
        else
            check_entity(v, &walk, key, json);
    }
    scan_close(&scan);
    arena_fini(&walk.scratch);
    struct slice at = key_slice(&start);
    if (whole && walk.count != head->entities)
        verify_finding(v, TABLE_HEADS, at, "counts %llu entities, but there are %llu",
                (unsigned long long)head->entities, (unsigned long long)walk.count);
    else if (whole && walk.sum != head->sum)
        verify_finding(v, TABLE_HEADS, at, "has another sum than its entities");
    if (walk.newest > head->seq)
        verify_finding(v, TABLE_HEADS, at, "is behind an entity changed at seq %llu",
                (unsigned long long)walk.newest);
}

void verify_board(struct verify *v, struct slice key, struct slice value)
{
    struct id board;
    struct board_head head;
    if (key.len != ID_BYTES || !key_board(key, &board) ||
            record_head_read(&v->scratch, value, &head) != ERR_OK || head.floor > head.seq ||
            head.number == 0) {
        verify_finding(v, TABLE_HEADS, key, "is not a board's head");
        return;
    }
    v->report.boards++;
    check_log(v, board, &head);
    check_entities(v, board, &head);
}
