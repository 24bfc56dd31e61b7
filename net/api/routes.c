/* routes.c - every address of the server, in one table. The first row that fits wins: literals
 * stand before {placeholders}. */
#include "core/base/json_write.h"
#include "net/api/rest_nouns.h"

/* clang-format off */
#define ROW(method, pattern, who, handler, parameters) \
    { #method, pattern, ACCESS_##who, handler, parameters, BODY_KEPT },

const struct route route_table[] = {
    ROW(GET, "/", ANYONE, home_page, NULL)
    ROW(GET, "/link/{token}", ANYONE, link_page, NULL)
    ROW(POST, "/link/{token}", ANYONE, link_use_page, NULL)
    ROW(GET, "/healthz", ANYONE, health_get, NULL)
    ROW(GET, "/metrics", OPERATOR, metrics_get, NULL)

    ROW(POST, "/v1/link", ANYONE, link_use, link_params)
    ROW(DELETE, "/v1/session", SIGNED_IN, session_delete, NULL)
    ROW(GET, "/v1/me/live", SIGNED_IN, NULL, NULL)
    ROW(GET, "/v1/boards/{id}/live", READ, NULL, NULL)
    ROW(GET, "/v1/boards/{id}/state", READ, state_get, state_params)
    ROW(GET, "/v1/boards/{id}/activity", READ, board_activity, activity_params)
    ROW(GET, "/v1/boards/{id}/export", READ, board_export, NULL)
    ROW(GET, "/v1/boards/{id}/ops", READ, ops_get, ops_get_params)
    ROW(POST, "/v1/boards/{id}/ops", READ, ops_post, ops_post_params)
    ROW(POST, "/v1/boards/{id}/copy", SIGNED_IN, board_copy, board_copy_params)
    ROW(GET, "/v1/boards/{id}/shelf", READ, board_shelf, NULL)
    ROW(POST, "/v1/boards/{id}/revert", EDIT, revert_post, revert_params)
    ROW(POST, "/v1/boards/{id}/links", ADMIN, board_link_post, link_post_params)
    ROW(GET, "/v1/boards/{id}/links", ADMIN, board_links, NULL)
    ROW(DELETE, "/v1/boards/{id}/links/{idMember}", ADMIN, board_link_delete, NULL)
    ROW(POST, "/v1/admin/link", OPERATOR, admin_link, admin_link_params)

    { "POST", "/1/boards/import", ACCESS_SIGNED_IN, import_post, import_params, BODY_SPOOLED },
    ROW(GET, "/1/boards/import/{job}", SIGNED_IN, import_get, import_get_params)

    ROW(POST, "/1/boards", SIGNED_IN, board_post, board_post_params)
    ROW(GET, "/1/boards/{id}", READ, board_show, board_get_params)
    ROW(PUT, "/1/boards/{id}", ADMIN, board_put, board_put_params)
    ROW(DELETE, "/1/boards/{id}", ADMIN, board_delete, NULL)
    ROW(GET, "/1/boards/{id}/export", READ, board_export, NULL)
    ROW(GET, "/1/boards/{id}/lists", READ, board_lists, lists_params)
    ROW(POST, "/1/boards/{id}/lists", EDIT, board_list_post, list_post_params)
    ROW(GET, "/1/boards/{id}/lists/{filter}", READ, board_lists, lists_params)
    ROW(GET, "/1/boards/{id}/cards", READ, board_cards, cards_params)
    ROW(GET, "/1/boards/{id}/cards/{filterOrIdCard}", READ, board_cards, cards_params)
    ROW(GET, "/1/boards/{id}/labels", READ, board_labels, members_params)
    ROW(POST, "/1/boards/{id}/labels", EDIT, board_label_post, label_params)
    ROW(GET, "/1/boards/{id}/labels/{idLabel}", READ, board_label, fields_params)
    ROW(GET, "/1/boards/{id}/checklists", READ, board_checklists, fields_params)
    ROW(GET, "/1/boards/{id}/customFields", READ, board_custom_fields, fields_params)
    ROW(GET, "/1/boards/{id}/memberships", READ, board_memberships, members_params)
    ROW(GET, "/1/boards/{id}/members", READ, board_members, members_params)
    ROW(GET, "/1/boards/{id}/members/{filter}", READ, board_members, members_params)
    ROW(PUT, "/1/boards/{id}/members/{idMember}", READ, board_member_put, member_put_params)
    ROW(DELETE, "/1/boards/{id}/members/{idMember}", READ, board_member_delete, NULL)
    ROW(GET, "/1/boards/{id}/actions", READ, board_actions, actions_params)
    ROW(PUT, "/1/boards/{id}/prefs/{name}", ADMIN, board_put_pref, value_params)
    ROW(GET, "/1/boards/{id}/boardStars", READ, board_stars, fields_params)
    ROW(GET, "/1/boards/{id}/pluginData", READ, board_nothing, fields_params)
    ROW(PUT, "/1/boards/{id}/subscribed", READ, board_watch, value_params)
    ROW(GET, "/1/boards/{id}/organization", READ, board_organization, fields_params)
    ROW(GET, "/1/boards/{id}/{field}", READ, board_get_field, NULL)
    ROW(PUT, "/1/boards/{id}/{field}", ADMIN, board_put_field, value_params)

    ROW(POST, "/1/lists", EDIT, list_post, list_post_params)
    ROW(GET, "/1/lists/{id}", READ, list_get, list_get_params)
    ROW(PUT, "/1/lists/{id}", EDIT, list_put, list_put_params)
    ROW(GET, "/1/lists/{id}/board", READ, list_board, fields_params)
    ROW(GET, "/1/lists/{id}/cards", READ, list_cards, cards_params)
    ROW(GET, "/1/lists/{id}/cards/{filter}", READ, list_cards, cards_params)
    ROW(POST, "/1/lists/{id}/archiveAllCards", EDIT, list_archive_cards, NULL)
    ROW(POST, "/1/lists/{id}/moveAllCards", EDIT, list_move_cards, list_move_params)
    ROW(GET, "/1/lists/{id}/actions", READ, list_actions, actions_params)
    ROW(PUT, "/1/lists/{id}/subscribed", READ, list_watch, value_params)
    ROW(GET, "/1/lists/{id}/{field}", READ, list_get_field, NULL)
    ROW(PUT, "/1/lists/{id}/{field}", EDIT, list_put_field, value_params)

    ROW(POST, "/1/cards", EDIT, card_post, card_post_params)
    ROW(GET, "/1/cards/{id}", READ, card_get, card_get_params)
    ROW(PUT, "/1/cards/{id}", EDIT, card_put, card_put_params)
    ROW(DELETE, "/1/cards/{id}", EDIT, card_delete, NULL)
    ROW(GET, "/1/cards/{id}/board", READ, card_board, fields_params)
    ROW(GET, "/1/cards/{id}/list", READ, card_list, fields_params)
    ROW(GET, "/1/cards/{id}/members", READ, card_members, fields_params)
    ROW(GET, "/1/cards/{id}/membersVoted", READ, card_voters, fields_params)
    ROW(POST, "/1/cards/{id}/membersVoted", READ, card_vote_add, value_params)
    ROW(DELETE, "/1/cards/{id}/membersVoted/{idMember}", READ, card_vote_remove, NULL)
    ROW(POST, "/1/cards/{id}/labels", EDIT, card_label_post, card_label_post_params)
    ROW(POST, "/1/cards/{id}/idLabels", EDIT, card_label_add, value_params)
    ROW(DELETE, "/1/cards/{id}/idLabels/{idLabel}", EDIT, card_label_remove, NULL)
    ROW(POST, "/1/cards/{id}/idMembers", EDIT, card_member_add, value_params)
    ROW(POST, "/1/cards/{id}/members", EDIT, card_member_add, value_params)
    ROW(DELETE, "/1/cards/{id}/idMembers/{idMember}", EDIT, card_member_remove, NULL)
    ROW(DELETE, "/1/cards/{id}/members/{idMember}", EDIT, card_member_remove, NULL)
    ROW(GET, "/1/cards/{id}/actions", READ, card_actions, actions_params)
    ROW(POST, "/1/cards/{id}/actions/comments", READ, comment_post, comment_params)
    ROW(PUT, "/1/cards/{id}/actions/{idAction}/comments", READ, card_comment_put, comment_params)
    ROW(DELETE, "/1/cards/{id}/actions/{idAction}/comments", READ, card_comment_delete, NULL)
    ROW(GET, "/1/cards/{id}/customFieldItems", READ, card_field_items, fields_params)
    ROW(PUT, "/1/cards/{id}/customField/{idCustomField}/item", EDIT, card_field_item_put,
            field_item_params)
    ROW(GET, "/1/cards/{id}/checklists", READ, card_checklists, fields_params)
    ROW(POST, "/1/cards/{id}/checklists", EDIT, card_checklist_post, checklist_post_params)
    ROW(DELETE, "/1/cards/{id}/checklists/{idChecklist}", EDIT, card_checklist_delete, NULL)
    ROW(GET, "/1/cards/{id}/attachments", READ, card_attachments, attachments_params)
    { "POST", "/1/cards/{id}/attachments", ACCESS_EDIT, attachment_post, attachment_post_params,
            BODY_FORM },
    ROW(GET, "/1/cards/{id}/attachments/{idAttachment}", READ, attachment_get, fields_params)
    ROW(GET, "/1/cards/{id}/attachments/{idAttachment}/download/{fileName}", READ,
            attachment_download, NULL)
    ROW(PUT, "/1/cards/{id}/attachments/{idAttachment}", EDIT, attachment_put, attachment_params)
    ROW(DELETE, "/1/cards/{id}/attachments/{idAttachment}", EDIT, attachment_delete, NULL)
    ROW(GET, "/1/cards/{id}/checkItemStates", READ, card_item_states, fields_params)
    ROW(GET, "/1/cards/{id}/checkItem/{idCheckItem}", READ, card_item_get, fields_params)
    ROW(PUT, "/1/cards/{id}/checkItem/{idCheckItem}", EDIT, card_item_put, check_item_params)
    ROW(DELETE, "/1/cards/{id}/checkItem/{idCheckItem}", EDIT, card_item_delete, NULL)
    ROW(PUT, "/1/cards/{id}/checklist/{idChecklist}/checkItem/{idCheckItem}", EDIT,
            card_item_put, check_item_params)
    ROW(PUT, "/1/cards/{id}/checklist/{idChecklist}/checkItem/{idCheckItem}/{field}", EDIT,
            card_item_put_field, value_params)
    ROW(GET, "/1/cards/{id}/stickers", READ, card_nothing, fields_params)
    ROW(GET, "/1/cards/{id}/pluginData", READ, card_nothing, fields_params)
    ROW(PUT, "/1/cards/{id}/idBoard", EDIT, card_put_board, card_board_params)
    ROW(PUT, "/1/cards/{id}/subscribed", READ, card_watch, value_params)
    ROW(GET, "/1/cards/{id}/{field}", READ, card_get_field, NULL)
    ROW(PUT, "/1/cards/{id}/{field}", EDIT, card_put_field, value_params)

    ROW(POST, "/1/checklists", EDIT, checklist_post, checklist_post_params)
    ROW(GET, "/1/checklists/{id}", READ, checklist_get, fields_params)
    ROW(PUT, "/1/checklists/{id}", EDIT, checklist_put, checklist_params)
    ROW(DELETE, "/1/checklists/{id}", EDIT, checklist_delete, NULL)
    ROW(GET, "/1/checklists/{id}/board", READ, checklist_board, fields_params)
    ROW(GET, "/1/checklists/{id}/cards", READ, checklist_cards, fields_params)
    ROW(GET, "/1/checklists/{id}/checkItems", READ, checklist_items, members_params)
    ROW(POST, "/1/checklists/{id}/checkItems", EDIT, check_item_post, check_item_post_params)
    ROW(GET, "/1/checklists/{id}/checkItems/{idCheckItem}", READ, check_item_get, fields_params)
    ROW(DELETE, "/1/checklists/{id}/checkItems/{idCheckItem}", EDIT, check_item_delete, NULL)
    ROW(GET, "/1/checklists/{id}/{field}", READ, checklist_get_field, NULL)
    ROW(PUT, "/1/checklists/{id}/{field}", EDIT, checklist_put_field, value_params)

    ROW(GET, "/1/actions/{id}", READ, action_get, action_get_params)
    ROW(PUT, "/1/actions/{id}", READ, comment_put, comment_params)
    ROW(DELETE, "/1/actions/{id}", READ, comment_delete, NULL)
    ROW(GET, "/1/actions/{id}/reactions", READ, reactions_get, fields_params)
    ROW(POST, "/1/actions/{id}/reactions", READ, reaction_post, reaction_params)
    ROW(GET, "/1/actions/{id}/reactions/{idReaction}", READ, reactions_get, fields_params)
    ROW(DELETE, "/1/actions/{id}/reactions/{idReaction}", READ, reaction_delete, NULL)
    ROW(GET, "/1/actions/{id}/{field}", READ, action_get_field, NULL)
    ROW(PUT, "/1/actions/{id}/{field}", READ, comment_put_field, value_params)

    ROW(POST, "/1/customFields", EDIT, custom_field_post, custom_field_post_params)
    ROW(GET, "/1/customFields/{id}", READ, custom_field_get, fields_params)
    ROW(PUT, "/1/customFields/{id}", EDIT, custom_field_put, custom_field_params)
    ROW(DELETE, "/1/customFields/{id}", EDIT, custom_field_delete, NULL)
    ROW(GET, "/1/customFields/{id}/options", READ, field_options, fields_params)
    ROW(POST, "/1/customFields/{id}/options", EDIT, field_option_post, field_option_params)
    ROW(GET, "/1/customFields/{id}/options/{idOption}", READ, field_option_get, fields_params)
    ROW(PUT, "/1/customFields/{id}/options/{idOption}", EDIT, field_option_put,
            field_option_params)
    ROW(DELETE, "/1/customFields/{id}/options/{idOption}", EDIT, field_option_delete, NULL)

    ROW(POST, "/1/labels", EDIT, label_post, label_post_params)
    ROW(GET, "/1/labels/{id}", READ, label_get, fields_params)
    ROW(PUT, "/1/labels/{id}", EDIT, label_put, label_params)
    ROW(DELETE, "/1/labels/{id}", EDIT, label_delete, NULL)
    ROW(GET, "/1/labels/{id}/{field}", READ, label_get_field, NULL)
    ROW(PUT, "/1/labels/{id}/{field}", EDIT, label_put_field, value_params)

    ROW(POST, "/1/organizations", SIGNED_IN, organization_post, organization_post_params)
    ROW(GET, "/1/organizations/{id}", SIGNED_IN, organization_get, organization_get_params)
    ROW(PUT, "/1/organizations/{id}", SIGNED_IN, organization_put, organization_params)
    ROW(DELETE, "/1/organizations/{id}", SIGNED_IN, organization_delete, NULL)
    ROW(GET, "/1/organizations/{id}/boards", SIGNED_IN, organization_boards, my_boards_params)
    ROW(GET, "/1/organizations/{id}/members", SIGNED_IN, organization_members, fields_params)
    ROW(PUT, "/1/organizations/{id}/members/{idMember}", SIGNED_IN, organization_member_put,
            organization_member_params)
    ROW(DELETE, "/1/organizations/{id}/members/{idMember}", SIGNED_IN,
            organization_member_delete, NULL)
    ROW(GET, "/1/organizations/{id}/memberships", SIGNED_IN, organization_memberships,
            members_params)
    ROW(GET, "/1/organizations/{id}/{field}", SIGNED_IN, organization_get_field, NULL)
    ROW(PUT, "/1/organizations/{id}/{field}", SIGNED_IN, organization_put_field, value_params)

    ROW(GET, "/1/members/{id}", SIGNED_IN, member_get, me_params)
    ROW(GET, "/1/members/{id}/boards", SIGNED_IN, member_boards, my_boards_params)
    ROW(GET, "/1/members/{id}/boards/{filter}", SIGNED_IN, member_boards, my_boards_params)
    ROW(GET, "/1/members/{id}/actions", SIGNED_IN, member_actions, actions_params)
    ROW(GET, "/1/members/{id}/cards", SIGNED_IN, member_cards, cards_params)
    ROW(GET, "/1/members/{id}/organizations", SIGNED_IN, member_organizations, fields_params)
    ROW(GET, "/1/members/{id}/boardStars", SIGNED_IN, stars_get, fields_params)
    ROW(POST, "/1/members/{id}/boardStars", SIGNED_IN, star_post, star_params)
    ROW(GET, "/1/members/{id}/boardStars/{idStar}", SIGNED_IN, star_get, fields_params)
    ROW(PUT, "/1/members/{id}/boardStars/{idStar}", SIGNED_IN, star_put, star_params)
    ROW(DELETE, "/1/members/{id}/boardStars/{idStar}", SIGNED_IN, star_delete, NULL)

    ROW(GET, "/1/search", SIGNED_IN, search_get, search_params)
    ROW(GET, "/1/search/members", SIGNED_IN, search_people, search_members_params)
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
        for (const struct param_spec *p = route->params; p && p->name; p++)
            json_str(&j, slice_cstr(p->name));
        json_array_end(&j);
        json_object_end(&j);
    }
    json_array_end(&j);
}

void ops_json(struct buf *out)
{
    static const char *const perms[] = {[PERM_NONE] = "signed-in",
            [PERM_READ] = "read",
            [PERM_EDIT] = "edit",
            [PERM_ADMIN] = "admin",
            [PERM_SYSTEM] = "operator"};
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
