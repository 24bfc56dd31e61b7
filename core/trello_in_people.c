/* People of the file: who of them is somebody here. Only the importer and those whom the options
 * name can be; a stranger stays a name. */
#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/utf.h"
#include "core/trello_in_impl.h"

#define NAME_BYTES_IN_NOTES 40
#define STRANGERS_BYTES     ((size_t)140) /* of names in the note about them */

_Static_assert(MEMBERS_PER_ORGANIZATION_MAX + 1 < MEMBERS_PER_BOARD_MAX,
        "whoever is in a workspace finds room on a board");

void import_people_init(struct trello_in *t)
{
    char text[ID_TEXT + 1];
    buf_init(&t->strangers, KIB(1));
    if (t->options.people_count == 0) return;
    t->roles = MEM_NEW_ARRAY(enum role, t->options.people_count);
    id_format(t->options.people[0].id, text);
    import_put(t, ENTRY_PERSON, slice_cstr(text), t->options.people[0].id);
}

void import_people_fini(struct trello_in *t)
{
    buf_fini(&t->strangers);
    t->roles = mem_free(t->roles);
}

static struct slice text_at(struct trello_in *t, struct slice object, struct slice key)
{
    struct slice json;
    return walk_find(object, key, &json) ? import_text(t, json) : (struct slice){0};
}

static bool is_person(const struct import_person *person, struct slice old, struct slice username)
{
    struct id id;
    return (id_parse(old, &id) && id_eq(id, person->id)) ||
           (username.len > 0 && slice_eq_nocase(username, person->username));
}

/* -- who is on the board: pass 1. Its two collections stand in any order. */

static size_t place_of(const struct trello_in *t, struct id id)
{
    size_t i = 0;
    while (!id_eq(t->options.people[i].id, id))
        i++;
    return i;
}

static void add_stranger(struct trello_in *t, struct slice name)
{
    import_unsupported(t, SLICE("members"), 1);
    name = utf_head(name, NAME_BYTES_IN_NOTES);
    if (t->strangers_more > 0 || t->strangers.len + name.len > STRANGERS_BYTES) {
        t->strangers_more++;
        return;
    }
    buf_add(&t->strangers, t->strangers.len > 0 ? SLICE(", ") : SLICE(""));
    buf_add(&t->strangers, name);
}

void import_member(struct trello_in *t, struct slice json)
{
    struct slice old = text_at(t, json, SLICE("id")),
                 username = text_at(t, json, SLICE("username"));
    struct id ignored;
    size_t i = 0;
    if (old.len == 0 && username.len == 0) return;
    bool many = ++t->people_known > MEMBERS_PER_BOARD_MAX; /* more than any board has */
    while (!many && i < t->options.people_count &&
            !is_person(&t->options.people[i], old, username))
        i++;
    if (many || i == t->options.people_count) {
        add_stranger(t, username.len > 0 ? username : old);
        return;
    }
    t->people_found++;
    if (old.len > 0) import_put(t, ENTRY_PERSON, old, t->options.people[i].id);
    if (t->roles[i] == ROLE_NONE)
        t->roles[i] = import_find(t, ENTRY_OBSERVER, old, &ignored) ? ROLE_OBSERVER : ROLE_NORMAL;
}

void import_membership(struct trello_in *t, struct slice json)
{
    struct slice old = text_at(t, json, SLICE("idMember"));
    struct id none = {{0}}, id;
    if (++t->memberships > MEMBERS_PER_BOARD_MAX) return; /* more than any board has */
    if (!slice_eq(text_at(t, json, SLICE("memberType")), SLICE("observer"))) return;
    import_put(t, ENTRY_OBSERVER, old, none);
    if (import_find(t, ENTRY_PERSON, old, &id)) t->roles[place_of(t, id)] = ROLE_OBSERVER;
}

/* Before the cards that name them. The importer is there already, and nobody else becomes an
 * admin by a file. */
enum err import_people_send(struct trello_in *t)
{
    enum err err = ERR_OK;
    for (size_t i = 1; i < t->options.people_count && err == ERR_OK; i++) {
        struct import_made m = {0};
        if (t->roles[i] == ROLE_NONE) continue;
        m.id = import_id(t, ENTRY_USED, (struct slice){0});
        import_made_put(&m, F_MEMBERSHIP_ID_MEMBER, value_id(t->options.people[i].id));
        import_made_put(&m, F_MEMBERSHIP_MEMBER_TYPE, value_str(role_name(t->roles[i])));
        err = import_emit(t, KIND_MEMBERSHIP, &m);
    }
    return err;
}

void import_people_note(const struct trello_in *t, struct json_out *j)
{
    char text[2 * IMPORT_NOTE_BYTES_MAX], more[32] = "";
    if (t->people_known == 0) return;
    struct slice names = buf_slice(&t->strangers);
    if (t->strangers_more > 0)
        snprintf(more, sizeof(more), " and %llu more", (unsigned long long)t->strangers_more);
    snprintf(text, sizeof(text), "%llu of %llu people are known here%s%.*s%s",
            (unsigned long long)t->people_found, (unsigned long long)t->people_known,
            names.len > 0 ? "; not " : "", SLICE_ARG(names), more);
    json_str(j, slice_cstr(text));
}

/* -- where they are named: passes 2 and 3 */

void import_people(
        struct trello_in *t, enum field f, const struct import_parts *p, struct import_made *m)
{
    struct value set = {.type = VALUE_SET};
    struct slice element;
    struct id id;
    size_t count = 0, max = f == F_CARD_ID_MEMBERS_VOTED ? VOTES_PER_CARD_MAX : SET_ELEMENTS_MAX;
    uint64_t left_out = 0;
    struct walk w = walk_of(import_field(p, f));
    if (!walk_is(&w, '[') || !walk_take(&w, '[')) return;
    while (walk_element(&w, &count) && walk_value(&w, &element)) {
        bool room = set.set == NULL || set.set->count < max;
        if (room && import_find(t, ENTRY_PERSON, import_text(t, element), &id))
            value_set_put(&set, id, true);
        else
            left_out++;
    }
    import_unsupported(t, field_info(f)->name, left_out);
    import_made_put(m, f, set);
}

void import_person(struct trello_in *t, enum field f, const struct import_parts *p,
        struct slice counted_as, struct import_made *m)
{
    struct slice old = import_text(t, import_field(p, f));
    struct id id;
    if (old.len == 0) return;
    if (import_find(t, ENTRY_PERSON, old, &id))
        import_made_put(m, f, value_id(id));
    else
        import_unsupported(t, counted_as, 1);
}

/* The importer may have left the board, and is then none of its members. */
bool import_author(struct trello_in *t, struct slice action, struct id *ret_id)
{
    struct slice creator, old = text_at(t, action, SLICE("idMemberCreator"));
    if (import_find(t, ENTRY_PERSON, old, ret_id)) return true;
    if (t->options.people_count == 0 || !walk_find(action, SLICE("memberCreator"), &creator) ||
            !is_person(&t->options.people[0], old, text_at(t, creator, SLICE("username"))))
        return false;
    *ret_id = t->options.people[0].id;
    return true;
}
