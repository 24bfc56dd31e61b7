/* rest_organization.h - what the two halves of organizations over REST share. */
#ifndef TAVLA_API_REST_ORGANIZATION_H
#define TAVLA_API_REST_ORGANIZATION_H

#include "core/base/json.h"
#include "core/search_run.h"
#include "net/api/rest_nouns.h"

struct organization {
    struct id id;
    enum role role; /* the actor's */
    json_t *json;   /* as it is stored; in the view's arena */
};

struct org_member {
    struct id organization, member;
    enum role role;
};

/* By id or short name; ERR_NOT_FOUND too when the actor is not in it. Reader. */
enum err organization_open(
        struct rest *r, struct view *v, struct slice key, struct organization *ret_organization);
/* out holds ops of the directory: sends them in the actor's name, then answers with r->fixed, or
 * with what want_run writes of args[0]. */
rest_then organization_submit;
rest_run organization_memberships_run;
/* For a search, which goes on in an array: those of the actor whose name holds it. */
enum err organizations_found(struct rest *r, struct view *v, struct search_run *search,
        uint64_t limit, struct json_out *j);

#endif
