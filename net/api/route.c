#include "net/api/route.h"

#include "net/api/live.h"

/* "/v1/boards/{id}/live" */
static bool live_path(struct slice path, struct id *ret_board)
{
    struct slice prefix = SLICE("/v1/boards/"), suffix = SLICE("/live");
    if (!slice_starts(path, prefix) || !slice_ends(path, suffix) || path.len < prefix.len + suffix.len) return false;
    return id_parse(slice_of(path.ptr + prefix.len, path.len - prefix.len - suffix.len), ret_board);
}

void route_request(struct conn *conn, const struct http_request *request)
{
    struct id board;
    if (live_path(request->path, &board)) {
        live_open(conn, request, board);
        return;
    }
    conn_answer(conn, &(struct http_answer){ .status = 404, .content_type = SLICE("text/plain"),
            .body = SLICE("The requested resource was not found.") });
}

bool route_line_grow(struct conn *conn, struct slice line)
{
    (void)conn, (void)line;
    return false;
}
