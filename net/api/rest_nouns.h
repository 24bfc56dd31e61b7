/* rest_nouns.h - the handlers behind the rows of route_table, by the file they are in. */
#ifndef TAVLA_API_REST_NOUNS_H
#define TAVLA_API_REST_NOUNS_H

#include "net/api/rest.h"

#define KINDS(kind) (UINT64_C(1) << KIND_##kind)

/* rest_board.c */
extern const struct param_spec board_get_params[], board_put_params[], board_post_params[];
rest_handler board_show, board_get_field, board_post, board_put, board_put_field, board_put_pref,
        board_delete;
rest_then board_export;
struct id rest_keyed_id(struct rest *r); /* of something new, by the request's Idempotency-Key */
bool any_pref(const struct rest *r); /* prefs, or one of them, is given */
enum err op_prefs(struct rest *r, struct ops_out *ops);
/* rest_board_copy.c */
extern const struct param_spec board_copy_params[];
rest_handler board_copy;
/* rest_board_parts.c */
extern const struct param_spec lists_params[], cards_params[], members_params[];
rest_handler board_lists, board_cards, board_card, board_labels, board_label, board_memberships,
        board_members, list_cards;
/* rest_member.c */
extern const struct param_spec member_put_params[], me_params[], my_boards_params[];
rest_handler board_member_put, board_member_delete, member_get, member_boards, member_cards,
        member_actions;
/* Boards of a member, or of an organization, that the actor may read. */
enum err boards_of(struct rest *r, struct view *v, struct id owner, struct json_out *j);
/* Only the named members of what out holds, and the id; empty: all of them. */
enum err only_fields(struct rest *r, struct slice list);
/* An id or a user name of somebody with an account; the none id: nobody's. */
enum err person_find(struct rest *r, struct view *v, struct slice key, struct id *ret_member);
/* rest_organization.c */
extern const struct param_spec organization_params[], organization_post_params[],
        organization_get_params[], organization_member_params[];
rest_handler organization_post, organization_get, organization_get_field, organization_put,
        organization_put_field, organization_delete, organization_boards, organization_members,
        organization_memberships, member_organizations, board_organization;
/* rest_organization_people.c */
rest_handler organization_member_put, organization_member_delete;
/* Adds the member "organization" to the board that out holds: null, unless the actor is in it. */
enum err organization_nested(struct rest *r, struct board_view *bv);
/* rest_list.c */
extern const struct param_spec list_get_params[], list_put_params[], list_post_params[],
        list_move_params[];
rest_handler list_get, list_get_field, list_board, list_post, board_list_post, list_put,
        list_put_field, list_archive_cards, list_move_cards;
/* rest_copy.c */
void list_copy(struct rest *r, struct slice source); /* source: id of the list */
/* rest_card.c */
extern const struct param_spec card_get_params[], card_put_params[], card_post_params[],
        card_board_params[];
rest_handler card_get, card_get_field, card_post, card_put, card_put_field, card_put_board,
        card_delete;
/* rest_card_parts.c */
extern const struct param_spec value_params[], card_label_post_params[];
rest_handler card_board, card_list, card_members, card_label_add, card_label_remove,
        card_member_add, card_member_remove, card_label_post, card_voters, card_vote_add,
        card_vote_remove, card_nothing, board_nothing;
/* People of a card, by one of its sets. */
void card_people_write(struct rest *r, struct board_view *bv, const struct object *card,
        enum field set, struct json_out *j);
/* rest_label.c */
extern const struct param_spec label_params[], label_post_params[], fields_params[];
rest_handler label_get, label_get_field, label_post, board_label_post, label_put, label_put_field,
        label_delete;
/* rest_checklist.c */
extern const struct param_spec checklist_params[], checklist_post_params[], check_item_params[],
        check_item_post_params[];
rest_handler card_checklists, card_checklist_post, card_checklist_delete, checklist_post,
        checklist_get, checklist_get_field, checklist_put, checklist_put_field, checklist_delete,
        checklist_board, checklist_cards, checklist_items, check_item_post, check_item_get,
        check_item_delete, board_checklists;
/* rest_check_item.c */
rest_handler card_item_get, card_item_put, card_item_delete, card_item_put_field, card_item_states;
/* rest_attachment.c */
extern const struct param_spec attachment_params[], attachment_post_params[], attachments_params[];
rest_handler card_attachments, attachment_get, attachment_post, attachment_put, attachment_delete;
rest_then attachment_link; /* of a form without a file */
/* rest_download.c */
rest_handler attachment_download;
/* rest_comment.c */
extern const struct param_spec comment_params[], reaction_params[];
rest_handler comment_post, comment_put, comment_put_field, comment_delete, card_comment_put,
        card_comment_delete, reactions_get, reaction_post, reaction_delete;
rest_run comment_run, comment_field_run, card_comments_run;
/* One action, if the comment is still there. lists: a board with its lists. */
bool comment_action_write(struct rest *r, struct board_view *bv, struct board *lists, struct id id,
        struct json_out *j);
/* rest_custom_field.c */
extern const struct param_spec custom_field_params[], custom_field_post_params[],
        field_option_params[], field_item_params[];
rest_handler custom_field_get, board_custom_fields, field_options, field_option_get,
        card_field_items, custom_field_post, custom_field_put, custom_field_delete,
        field_option_post, field_option_put, field_option_delete, card_field_item_put;
/* rest_session.c */
extern const struct param_spec link_params[];
rest_handler link_page, link_use_page, link_use, session_delete, home_page;
/* rest_shelf.c */
extern const struct param_spec star_params[];
rest_handler stars_get, star_get, star_post, star_put, star_delete, board_stars, card_watch,
        list_watch, board_watch, board_shelf;
/* `subscribed`, if it is given with other fields of an object: seen to when those are written. */
enum err watch_asked(struct rest *r);
/* The member "boardStars" of an object that is still open, for oneself. */
enum err stars_nested(struct rest *r, struct board_view *bv, struct json_out *j);
/* rest_native.c */
extern const struct param_spec ops_get_params[], ops_post_params[], revert_params[];
rest_handler ops_get, ops_post, revert_post, health_get, metrics_get;
/* rest_links.c */
extern const struct param_spec link_post_params[];
rest_handler board_link_post, board_links, board_link_delete;
/* rest_admin.c */
rest_handler admin_link;
extern const struct param_spec admin_link_params[];
/* rest_actions.c */
extern const struct param_spec actions_params[], action_get_params[], activity_params[];
rest_handler board_actions, list_actions, card_actions, action_get, action_get_field,
        board_activity;
/* Adds the member "actions" to the object that out ends with: so many, or what the request's
 * actions= and actions_limit= ask for. */
enum err actions_export(struct rest *r, struct board_view *bv);
enum err actions_asked(struct rest *r, struct board_view *bv);
/* What one person did on several boards, newest first: begin, every board, end. */
struct actions_by; /* in the request's arena */
enum err actions_by_begin(struct rest *r, struct id member, struct actions_by **ret_by);
enum err actions_by_board(struct actions_by *by, struct board_view *bv);
void actions_by_end(struct actions_by *by);
/* past_state.c */
rest_handler past_state_get;
/* state.c */
extern const struct param_spec state_params[];
rest_handler state_get;
/* rest_search.c */
extern const struct param_spec search_params[], search_members_params[];
rest_handler search_get, search_people;
/* rest_import.c */
extern const struct param_spec import_params[], import_get_params[];
rest_handler import_post, import_get;

/* -- shared by them */

void position_write(struct json_out *j, uint64_t seq, uint64_t h);
/* Members of the op for every given parameter whose spec names a field. */
enum err op_sets(struct rest *r, struct ops_out *ops, const struct param_spec *specs);
bool any_sets(const struct rest *r, const struct param_spec *specs);
/* PUT /{kind}/{id}/{field}?value=x is PUT /{kind}/{id}?{field}=x. Answers 404 and returns false
 * when the field is none of specs. */
bool value_as_field(struct rest *r, const struct param_spec *specs, struct slice field);
/* Where the parameter is "me" it is one's own id from then on. */
void me_as_id(struct rest *r, const char *name);
/* A nested collection is asked for: `all` or `true`, say. */
bool says_yes(const struct rest *r, const char *name);
/* A required parameter, or 400. ptr NULL: was answered. */
struct slice required(struct rest *r, const char *name);
/* More members for the object that out ends with: drops its closing brace. */
struct json_out object_reopen(struct rest *r);
/* text.put of a description, if it is given. */
enum err op_desc(struct rest *r, struct ops_out *ops, enum kind kind, struct id id);
/* An object of the board beside what is loaded. */
enum err load_entity(struct rest *r, struct board_view *bv, struct board *b, enum kind kind,
        struct id id, struct object **ret_object);
/* The id in a path, of something that hangs on r->at by that field; else ERR_NOT_FOUND. */
enum err child_id(struct rest *r, struct board_view *bv, enum field parent, struct slice text,
        struct id *ret_id);
/* Lists stay on their board. idBoard=, if given, names it. */
enum err same_board(struct rest *r, struct board_view *bv);
/* idBoard=, if it names another board that the actor may change; else none. */
enum err other_board(struct rest *r, struct board_view *bv, struct id *ret_board);
/* The form of the ops that out holds. */
enum err ops_check(struct rest *r);
struct object *object_id(const struct board *b, const struct object *o, enum field f,
        enum kind kind); /* what an id field names; NULL */

#endif
