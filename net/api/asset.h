/* asset.h - the browser client: files built into the program, or read from a folder while they are
 * being worked on. Loop thread only; the table is const.
 *
 * /assets/ holds files whose names carry a hash of their content: they are kept for ever. Pages,
 * at /, /b/... and /c/..., are one and the same index.html, asked for again each time by its ETag.
 * Pages come with a policy under which only our own scripts and styles run, and only /sw.js, which
 * keeps the page for when there is no network, as a worker. */
#ifndef TAVLA_API_ASSET_H
#define TAVLA_API_ASSET_H

#include "net/conn.h"

enum asset_coding { ASSET_PLAIN, ASSET_GZIP, ASSET_BR, ASSET_CODINGS };

struct asset {
    const char *path; /* "/assets/index-B9Jz8Knu.js" */
    const char *type;
    const char *etag; /* of the plain bytes, without quotes */
    bool immutable;
    struct slice bytes[ASSET_CODINGS]; /* ptr NULL: not in this coding */
};

struct assets {
    const struct asset *rows; /* sorted by path */
    size_t count;             /* 0: built without the client */
    const char *folder;       /* read from here instead; NULL: not */
};

/* Made at build time by static/build/embed.py. */
extern const struct assets assets_built;

/* Answers when the request is for a file or page of the client; false: it is not. */
bool asset_request(
        const struct assets *assets, struct conn *conn, const struct http_request *request);

/* -- what it is made of, for tests */

/* The file that a path stands for: a page's is index.html. NULL: none. */
const struct asset *asset_find(const struct assets *assets, struct slice path);
/* br before gzip before plain, among those the peer takes and we have. */
enum asset_coding asset_choose(const struct asset *asset, struct slice accept_encoding);
/* status, fields and body of the answer; fields are made in `fields`. */
struct http_answer asset_answer(
        const struct asset *asset, const struct http_request *request, struct buf *fields);

#endif
