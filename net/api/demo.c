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

/* marks: a bit a label. due: days from now, NO_DUE without. mine: its first member is on it. full:
 * the cover is the whole card. */
static const struct card {
    uint8_t list;
    uint8_t marks;
    int8_t due;
    bool complete, mine, full;
    const char *name, *desc, *cover;
} cards[] = {
        {.list = 0, .marks = 0x01, .due = NO_DUE, .name = "A bed for wild bees", .cover = "yellow",
                .desc = "Sand, clay and hollow stems against the south wall.\n\n"
                        "- [ ] ask for bricks\n- [ ] choose stems"},
        {.list = 0, .marks = 0x20, .due = NO_DUE, .name = "Open day for the street"},
        {.list = 0, .marks = 0x06, .due = NO_DUE, .name = "Rain barrel with a pump",
                .desc = "The barrel behind the shed is **full** after two days of rain."},
        {.list = 0, .due = NO_DUE, .name = "A bench in the shade"},
        {.list = 0, .marks = 0x01, .due = NO_DUE, .name = "Try purple carrots"},
        {.list = 1, .marks = 0x01, .due = 6, .mine = true, .name = "Sow tomatoes under glass",
                .desc = "Six sorts, eight pots each:\n\n"
                        "1. Harzfeuer\n2. Black Krim\n3. Green Zebra",
                .cover = "green"},
        {.list = 1, .marks = 0x10, .due = 9, .mine = true, .name = "Collect this year's fees",
                .desc = "Everyone by the end of the month, in cash or by transfer."},
        {.list = 1, .marks = 0x02, .due = 14, .name = "Sharpen spades and hoes"},
        {.list = 1, .marks = 0x05, .due = 12, .name = "Water plan for the dry weeks",
                .desc = "Two people a day, mornings before **8** and evenings after **7**.\n\n"
                        "| Days | Morning | Evening |\n| --- | --- | --- |\n"
                        "| Monday, Thursday | beds 1 to 6 | greenhouse |\n"
                        "| Tuesday, Friday | beds 7 to 12 | berries |\n"
                        "| Wednesday, weekend | apple trees | whoever is there |\n\n"
                        "### Before the first dry week\n\n"
                        "- [x] count the cans\n- [ ] new washers for both taps\n"
                        "- [ ] a key for everyone on the plan\n\n"
                        "> Rain water first: the barrel lasts for about four days."},
        {.list = 1, .marks = 0x08, .due = 20, .name = "Find someone with a trailer",
                .desc = "For the compost, once. It is 3 km."},
        {.list = 1, .marks = 0x01, .due = NO_DUE, .name = "Order seed potatoes"},
        {.list = 2, .marks = 0x02, .due = 2, .mine = true, .name = "Repair the wheelbarrow",
                .desc = "The axle is bent; a new one costs less than the bearing."},
        {.list = 2, .marks = 0x09, .due = 1, .name = "Turn the compost",
                .desc = "Bring gloves and a fork."},
        {.list = 2, .marks = 0x01, .due = 3, .name = "Prune the apple trees",
                .desc = "Only on a dry day, and not below -4 degrees."},
        {.list = 2, .marks = 0x24, .due = NO_DUE, .name = "Agree on the new water meter"},
        {.list = 3, .marks = 0x10, .due = -2, .mine = true,
                .name = "Answer from the town about the fence",
                .desc = "Sent in the autumn, asked again in the new year."},
        {.list = 3, .marks = 0x02, .due = 5, .name = "Delivery of the greenhouse panes",
                .desc = "Twelve panes of 60 x 120 cm.", .cover = "sky", .full = true},
        {.list = 3, .marks = 0x20, .due = NO_DUE, .name = "Keys for the new members"},
        {.list = 4, .marks = 0x01, .due = -9, .complete = true, .name = "Plant garlic"},
        {.list = 4, .marks = 0x02, .due = -12, .complete = true, .name = "Clean the tool shed"},
        {.list = 4, .marks = 0x10, .due = -20, .complete = true, .name = "Pay the insurance"},
        {.list = 4, .marks = 0x04, .due = -15, .complete = true,
                .name = "Drain the pipes before the frost"},
        {.list = 4, .marks = 0x20, .due = NO_DUE, .name = "Welcome letter for new neighbours"},
        {.list = 4, .marks = 0x01, .due = -30, .complete = true,
                .name = "Spread leaves on the beds"},
};

struct demo {
    struct shard *shard;
    struct id board, member;
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
    if (c->desc) member(j, "desc", c->desc);
    if (c->cover) {
        JSON_KEY(j, "cover");
        json_object_begin(j);
        member(j, "color", c->cover);
        member(j, "size", c->full ? "full" : "normal");
        json_object_end(j);
    }
    if (c->mine) {
        JSON_KEY(j, "idMembers");
        json_array_begin(j);
        json_id(j, d->member);
        json_array_end(j);
    }
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
    *d = (struct demo){.shard = s, .member = member_id, .done = done,
            .data = data};
    d->board = id_make((uint32_t)(loop_wall_ms(s->loop) / 1000), bits);
    buf_init(&ops, KIB(256));
    struct json_out j = json_out(&ops);
    demo_ops(d, &j);
    struct command *c = command_new(d->board, &actor);
    CHECK(command_decode(c, buf_slice(&ops), true, &fault) == ERR_OK);
    buf_fini(&ops);
    shard_submit(s, c, &(struct origin){.done = demo_judged, .data = d});
}
