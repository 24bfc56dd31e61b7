#include "net/api/demo.h"

#include "core/base/date.h"
#include "core/base/json_write.h"
#include "core/base/log.h"
#include "core/op.h"

#define DAY_MS INT64_C(86400000)
#define NO_DUE 127

enum { LABELS = 6, LISTS = 5 };

static const struct {
    const char *name, *color;
} labels[LABELS] = {
        {"Plants", "green"},
        {"Tools", "orange"},
        {"Water", "blue"},
        {"Needs help", "red"},
        {"Money", "yellow"},
        {"Neighbours", "purple"},
};

static const char *const lists[LISTS] = {"Ideas", "This month", "Doing", "Waiting", "Done"};

/* marks: a bit a label. due: days from now, NO_DUE without. */
static const struct card {
    uint8_t list;
    uint8_t marks;
    int8_t due;
    bool complete;
    const char *name, *desc;
} cards[] = {
        {0, 0x01, NO_DUE, false, "A bed for wild bees",
                "Sand, clay and hollow stems against the south wall.\n\n- [ ] ask for bricks\n- [ "
                "] choose stems"},
        {0, 0x20, NO_DUE, false, "Open day for the street", ""},
        {0, 0x06, NO_DUE, false, "Rain barrel with a pump",
                "The barrel behind the shed is **full** after two days of rain."},
        {0, 0x00, NO_DUE, false, "A bench in the shade", ""},
        {0, 0x01, NO_DUE, false, "Try purple carrots", ""},
        {1, 0x01, 6, false, "Sow tomatoes under glass",
                "Six sorts, eight pots each:\n\n1. Harzfeuer\n2. Black Krim\n3. Green Zebra"},
        {1, 0x10, 9, false, "Collect this year's fees",
                "Everyone by the end of the month, in cash or by transfer."},
        {1, 0x02, 14, false, "Sharpen spades and hoes", ""},
        {1, 0x05, 12, false, "Water plan for the dry weeks",
                "Two people a day, mornings before **8** and evenings after **7**."},
        {1, 0x08, 20, false, "Find someone with a trailer", "For the compost, once. It is 3 km."},
        {1, 0x01, NO_DUE, false, "Order seed potatoes", ""},
        {2, 0x02, 2, false, "Repair the wheelbarrow",
                "The axle is bent; a new one costs less than the bearing."},
        {2, 0x09, 1, false, "Turn the compost", "Bring gloves and a fork."},
        {2, 0x01, 3, false, "Prune the apple trees",
                "Only on a dry day, and not below -4 degrees."},
        {2, 0x24, NO_DUE, false, "Agree on the new water meter", ""},
        {3, 0x10, -2, false, "Answer from the town about the fence",
                "Sent in the autumn, asked again in the new year."},
        {3, 0x02, 5, false, "Delivery of the greenhouse panes", "Twelve panes of 60 x 120 cm."},
        {3, 0x20, NO_DUE, false, "Keys for the new members", ""},
        {4, 0x01, -9, true, "Plant garlic", ""},
        {4, 0x02, -12, true, "Clean the tool shed", ""},
        {4, 0x10, -20, true, "Pay the insurance", ""},
        {4, 0x04, -15, true, "Drain the pipes before the frost", ""},
        {4, 0x20, NO_DUE, false, "Welcome letter for new neighbours", ""},
        {4, 0x01, -30, true, "Spread leaves on the beds", ""},
};

struct demo {
    struct shard *shard;
    struct id board;
    void (*done)(enum err err, void *data);
    void *data;
};

static struct id demo_id(const struct demo *d, uint64_t number)
{
    return id_make(id_seconds(d->board), hash64(slice_of(d->board.bytes, ID_BYTES), number));
}

static struct id label_id(const struct demo *d, unsigned i)
{
    return demo_id(d, 100 + i);
}

static struct id list_id(const struct demo *d, unsigned i)
{
    return demo_id(d, 200 + i);
}

static void op_begin(struct json_out *j, const char *name, struct id id)
{
    json_object_begin(j);
    JSON_KEY(j, "op");
    json_str(j, slice_cstr(name));
    if (id_is_none(id)) return;
    JSON_KEY(j, "id");
    json_id(j, id);
}

static void member(struct json_out *j, const char *key, const char *text)
{
    json_key(j, slice_cstr(key));
    json_str(j, slice_cstr(text));
}

static void op_card(const struct demo *d, struct json_out *j, unsigned i)
{
    const struct card *c = &cards[i];
    char date[DATE_TEXT + 1];
    op_begin(j, "card.create", demo_id(d, 300 + i));
    JSON_KEY(j, "idList");
    json_id(j, list_id(d, c->list));
    member(j, "name", c->name);
    member(j, "pos", "bottom");
    if (c->desc[0]) member(j, "desc", c->desc);
    if (c->due != NO_DUE) {
        date_format(loop_wall_ms(d->shard->loop) + c->due * DAY_MS, date);
        member(j, "due", date);
        JSON_KEY(j, "dueComplete");
        json_bool(j, c->complete);
    }
    JSON_KEY(j, "idLabels");
    json_array_begin(j);
    for (unsigned k = 0; k < LABELS; k++) {
        if (c->marks >> k & 1) json_id(j, label_id(d, k));
    }
    json_array_end(j);
    json_object_end(j);
}

static void demo_ops(const struct demo *d, struct json_out *j)
{
    json_array_begin(j);
    op_begin(j, "board.create", (struct id){0});
    member(j, "name", "Community garden");
    member(j, "desc",
            "A board to try things on. Everything on it may be moved, changed and deleted.");
    JSON_KEY(j, "prefs");
    json_raw(j, SLICE("{\"background\":\"green\",\"permissionLevel\":\"private\"}"));
    json_object_end(j);
    for (unsigned i = 0; i < LABELS; i++) {
        op_begin(j, "label.create", label_id(d, i));
        member(j, "name", labels[i].name);
        member(j, "color", labels[i].color);
        json_object_end(j);
    }
    for (unsigned i = 0; i < LISTS; i++) {
        op_begin(j, "list.create", list_id(d, i));
        member(j, "name", lists[i]);
        member(j, "pos", "bottom");
        json_object_end(j);
    }
    for (unsigned i = 0; i < ARRAY_COUNT(cards); i++)
        op_card(d, j, i);
    json_array_end(j);
}

static void demo_judged(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    struct demo *d = data;
    enum err err = c->verdict == VERDICT_ACCEPTED   ? ERR_OK
                   : c->verdict == VERDICT_REJECTED ? c->fault.err
                                                    : ERR_UNKNOWN;
    (void)s, (void)conn;
    if (err != ERR_OK) log_error("demo", "refused: %s %s", c->fault.field, c->fault.wrong);
    d->done(err, d->data);
    mem_free(d);
}

void demo_start(
        struct shard *s, struct id member_id, void (*done)(enum err err, void *data), void *data)
{
    struct demo *d = MEM_NEW(struct demo);
    struct actor actor = {.member = member_id};
    struct fault fault = {0};
    struct buf ops;
    uint64_t bits;
    crypto_random(&bits, sizeof bits);
    *d = (struct demo){.shard = s, .done = done, .data = data};
    d->board = id_make((uint32_t)(loop_wall_ms(s->loop) / 1000), bits);
    buf_init(&ops, KIB(256));
    struct json_out j = json_out(&ops);
    demo_ops(d, &j);
    struct command *c = command_new(d->board, &actor);
    CHECK(command_decode(c, buf_slice(&ops), true, &fault) == ERR_OK);
    buf_fini(&ops);
    shard_submit(s, c, &(struct origin){.done = demo_judged, .data = d});
}
