/* routes.c - every address of the server, in one table. The first row that fits wins: literals stand before {placeholders}. */
#include "core/base/json_write.h"
#include "net/api/rest_nouns.h"

/* clang-format off */
const struct route route_table[] = {
/*    method    pattern                                     who may        handler             parameters */
    { "GET",    "/",                                        ACCESS_ANYONE, home_page,          NULL, BODY_KEPT },
    { "GET",    "/link/{token}",                            ACCESS_ANYONE, link_page,          NULL, BODY_KEPT },
    { "POST",   "/link/{token}",                            ACCESS_ANYONE, link_use_page,      NULL, BODY_KEPT },
    { "GET",    "/healthz",                                 ACCESS_ANYONE, health_get,         NULL, BODY_KEPT },
    { "GET",    "/metrics",                                 ACCESS_OPERATOR, metrics_get,      NULL, BODY_KEPT },

    { "POST",   "/v1/link",                                 ACCESS_ANYONE, link_use,           link_params, BODY_KEPT },
    { "DELETE", "/v1/session",                              ACCESS_SIGNED_IN, session_delete,  NULL, BODY_KEPT },
    { "GET",    "/v1/boards/{id}/live",                     ACCESS_READ,   NULL,               NULL, BODY_KEPT },
    { "GET",    "/v1/boards/{id}/state",                    ACCESS_READ,   state_get,          NULL, BODY_KEPT },
    { "GET",    "/v1/boards/{id}/export",                   ACCESS_READ,   board_export,       NULL, BODY_KEPT },
    { "GET",    "/v1/boards/{id}/ops",                      ACCESS_READ,   ops_get,            ops_get_params, BODY_KEPT },
    { "POST",   "/v1/boards/{id}/ops",                      ACCESS_READ,   ops_post,           ops_post_params, BODY_KEPT },
    { "POST",   "/v1/admin/link",                           ACCESS_OPERATOR, admin_link,       admin_link_params, BODY_KEPT },

    { "POST",   "/1/boards/import",                         ACCESS_SIGNED_IN, import_post,     import_params, BODY_SPOOLED },
    { "GET",    "/1/boards/import/{job}",                   ACCESS_SIGNED_IN, import_get,      import_get_params, BODY_KEPT },

    { "POST",   "/1/boards",                                ACCESS_SIGNED_IN, board_post,      board_post_params, BODY_KEPT },
    { "GET",    "/1/boards/{id}",                           ACCESS_READ,   board_show,          board_get_params, BODY_KEPT },
    { "PUT",    "/1/boards/{id}",                           ACCESS_ADMIN,  board_put,          board_put_params, BODY_KEPT },
    { "DELETE", "/1/boards/{id}",                           ACCESS_ADMIN,  board_delete,       NULL, BODY_KEPT },
    { "GET",    "/1/boards/{id}/export",                    ACCESS_READ,   board_export,       NULL, BODY_KEPT },
    { "GET",    "/1/boards/{id}/lists",                     ACCESS_READ,   board_lists,        lists_params, BODY_KEPT },
    { "POST",   "/1/boards/{id}/lists",                     ACCESS_EDIT,   board_list_post,    list_post_params, BODY_KEPT },
    { "GET",    "/1/boards/{id}/lists/{filter}",            ACCESS_READ,   board_lists,        lists_params, BODY_KEPT },
    { "GET",    "/1/boards/{id}/cards",                     ACCESS_READ,   board_cards,        cards_params, BODY_KEPT },
    { "GET",    "/1/boards/{id}/cards/{filterOrIdCard}",    ACCESS_READ,   board_cards,        cards_params, BODY_KEPT },
    { "GET",    "/1/boards/{id}/labels",                    ACCESS_READ,   board_labels,       members_params, BODY_KEPT },
    { "POST",   "/1/boards/{id}/labels",                    ACCESS_EDIT,   board_label_post,   label_params, BODY_KEPT },
    { "GET",    "/1/boards/{id}/labels/{idLabel}",          ACCESS_READ,   board_label,        fields_params, BODY_KEPT },
    { "GET",    "/1/boards/{id}/memberships",               ACCESS_READ,   board_memberships,  members_params, BODY_KEPT },
    { "GET",    "/1/boards/{id}/members",                   ACCESS_READ,   board_members,      members_params, BODY_KEPT },
    { "GET",    "/1/boards/{id}/members/{filter}",          ACCESS_READ,   board_members,      members_params, BODY_KEPT },
    { "PUT",    "/1/boards/{id}/members/{idMember}",        ACCESS_ADMIN,  board_member_put,   member_put_params, BODY_KEPT },
    { "DELETE", "/1/boards/{id}/members/{idMember}",        ACCESS_READ,   board_member_delete, NULL, BODY_KEPT },
    { "PUT",    "/1/boards/{id}/prefs/{name}",              ACCESS_ADMIN,  board_put_pref,     value_params, BODY_KEPT },
    { "GET",    "/1/boards/{id}/{field}",                   ACCESS_READ,   board_get_field,    NULL, BODY_KEPT },
    { "PUT",    "/1/boards/{id}/{field}",                   ACCESS_ADMIN,  board_put_field,    value_params, BODY_KEPT },

    { "POST",   "/1/lists",                                 ACCESS_EDIT,   list_post,          list_post_params, BODY_KEPT },
    { "GET",    "/1/lists/{id}",                            ACCESS_READ,   list_get,           list_get_params, BODY_KEPT },
    { "PUT",    "/1/lists/{id}",                            ACCESS_EDIT,   list_put,           list_put_params, BODY_KEPT },
    { "GET",    "/1/lists/{id}/board",                      ACCESS_READ,   list_board,         fields_params, BODY_KEPT },
    { "GET",    "/1/lists/{id}/cards",                      ACCESS_READ,   list_cards,         cards_params, BODY_KEPT },
    { "GET",    "/1/lists/{id}/cards/{filter}",             ACCESS_READ,   list_cards,         cards_params, BODY_KEPT },
    { "POST",   "/1/lists/{id}/archiveAllCards",            ACCESS_EDIT,   list_archive_cards, NULL, BODY_KEPT },
    { "POST",   "/1/lists/{id}/moveAllCards",               ACCESS_EDIT,   list_move_cards,    list_move_params, BODY_KEPT },
    { "GET",    "/1/lists/{id}/{field}",                    ACCESS_READ,   list_get_field,     NULL, BODY_KEPT },
    { "PUT",    "/1/lists/{id}/{field}",                    ACCESS_EDIT,   list_put_field,     value_params, BODY_KEPT },

    { "POST",   "/1/cards",                                 ACCESS_EDIT,   card_post,          card_post_params, BODY_KEPT },
    { "GET",    "/1/cards/{id}",                            ACCESS_READ,   card_get,           card_get_params, BODY_KEPT },
    { "PUT",    "/1/cards/{id}",                            ACCESS_EDIT,   card_put,           card_put_params, BODY_KEPT },
    { "DELETE", "/1/cards/{id}",                            ACCESS_EDIT,   card_delete,        NULL, BODY_KEPT },
    { "GET",    "/1/cards/{id}/board",                      ACCESS_READ,   card_board,         fields_params, BODY_KEPT },
    { "GET",    "/1/cards/{id}/list",                       ACCESS_READ,   card_list,          fields_params, BODY_KEPT },
    { "GET",    "/1/cards/{id}/members",                    ACCESS_READ,   card_members,       fields_params, BODY_KEPT },
    { "POST",   "/1/cards/{id}/labels",                     ACCESS_EDIT,   card_label_post,    card_label_post_params, BODY_KEPT },
    { "POST",   "/1/cards/{id}/idLabels",                   ACCESS_EDIT,   card_label_add,     value_params, BODY_KEPT },
    { "DELETE", "/1/cards/{id}/idLabels/{idLabel}",         ACCESS_EDIT,   card_label_remove,  NULL, BODY_KEPT },
    { "POST",   "/1/cards/{id}/idMembers",                  ACCESS_EDIT,   card_member_add,    value_params, BODY_KEPT },
    { "POST",   "/1/cards/{id}/members",                    ACCESS_EDIT,   card_member_add,    value_params, BODY_KEPT },
    { "DELETE", "/1/cards/{id}/idMembers/{idMember}",       ACCESS_EDIT,   card_member_remove, NULL, BODY_KEPT },
    { "GET",    "/1/cards/{id}/{field}",                    ACCESS_READ,   card_get_field,     NULL, BODY_KEPT },
    { "PUT",    "/1/cards/{id}/{field}",                    ACCESS_EDIT,   card_put_field,     value_params, BODY_KEPT },

    { "POST",   "/1/labels",                                ACCESS_EDIT,   label_post,         label_post_params, BODY_KEPT },
    { "GET",    "/1/labels/{id}",                           ACCESS_READ,   label_get,          fields_params, BODY_KEPT },
    { "PUT",    "/1/labels/{id}",                           ACCESS_EDIT,   label_put,          label_params, BODY_KEPT },
    { "DELETE", "/1/labels/{id}",                           ACCESS_EDIT,   label_delete,       NULL, BODY_KEPT },
    { "GET",    "/1/labels/{id}/{field}",                   ACCESS_READ,   label_get_field,    NULL, BODY_KEPT },
    { "PUT",    "/1/labels/{id}/{field}",                   ACCESS_EDIT,   label_put_field,    value_params, BODY_KEPT },

    { "GET",    "/1/members/{id}",                          ACCESS_SIGNED_IN, member_get,      me_params, BODY_KEPT },
    { "GET",    "/1/members/{id}/boards",                   ACCESS_SIGNED_IN, member_boards,   my_boards_params, BODY_KEPT },
    { "GET",    "/1/members/{id}/boards/{filter}",          ACCESS_SIGNED_IN, member_boards,   my_boards_params, BODY_KEPT },
    { "GET",    "/1/members/{id}/cards",                    ACCESS_SIGNED_IN, member_cards,    cards_params, BODY_KEPT },
};
/* clang-format on */

const size_t route_count = ARRAY_COUNT(route_table);

static const char *const names[] = {
    [ACCESS_ANYONE] = "anonymous",
    [ACCESS_SIGNED_IN] = "signed-in",
    [ACCESS_READ] = "read",
    [ACCESS_EDIT] = "edit",
    [ACCESS_ADMIN] = "admin",
    [ACCESS_OPERATOR] = "operator",
};

const char *access_name(enum access access)
{
    return names[access];
}

static void member(struct json_out *j, const char *key, const char *value)
{
    json_key(j, slice_cstr(key));
    json_str(j, slice_cstr(value));
}

void routes_json(struct buf *out)
{
    struct json_out j = json_out(out);
    json_array_begin(&j);
    for (size_t i = 0; i < route_count; i++) {
        const struct route *route = &route_table[i];
        json_object_begin(&j);
        member(&j, "method", route->method);
        member(&j, "pattern", route->pattern);
        member(&j, "access", access_name(route->access));
        JSON_KEY(&j, "parameters");
        json_array_begin(&j);
        for (const struct param_spec *p = route->params; p && p->name; p++) json_str(&j, slice_cstr(p->name));
        json_array_end(&j);
        json_object_end(&j);
    }
    json_array_end(&j);
}

void ops_json(struct buf *out)
{
    static const char *const perms[] = {
        [PERM_NONE] = "signed-in", [PERM_READ] = "read", [PERM_EDIT] = "edit", [PERM_ADMIN] = "admin", [PERM_SYSTEM] = "operator"
    };
    struct json_out j = json_out(out);
    json_array_begin(&j);
    for (unsigned i = 0; i < OP_COUNT; i++) {
        const struct op_info *info = op_info((enum op_name)i);
        json_object_begin(&j);
        JSON_KEY(&j, "op");
        json_str(&j, info->wire);
        member(&j, "access", perms[info->perm]);
        json_object_end(&j);
    }
    json_array_end(&j);
}
