/* err.h - every way a request can fail, in one table.
 *
 * A row gives the HTTP status, the WebSocket close code where the failure ends a connection, the
 * `why` of a rejected op (protocol page "why"), and a default text. A function returns an enum err
 * or logs it, never both. `struct fault` carries what a person needs beside the code: which field,
 * what was wrong, what was expected. */
#ifndef TAVLA_BASE_ERR_H
#define TAVLA_BASE_ERR_H

#include "core/base/buf.h"

/* clang-format off */
#define ERR_TABLE(X) /* name         http  close  why           text */                                            \
    X(OK,             200, 1000, "",            "ok")                                                               \
    X(INVALID,        400, 1002, "invalid",     "the request is not of the expected form")                          \
    X(UNAUTHORIZED,   401, 4009, "forbidden",   "sign in first: no valid session or token came with the request")   \
    X(FORBIDDEN,      403, 4009, "forbidden",   "the member's role does not allow this")                            \
    X(NOT_FOUND,      404, 4009, "not_found",   "The requested resource was not found.")                            \
    X(METHOD,         405, 1002, "invalid",     "the method is not one this address answers")                       \
    X(TIMEOUT,        408, 1002, "invalid",     "the request did not arrive in time")                               \
    X(CONFLICT,       409, 1002, "conflict",    "it was changed since the version that the request names")          \
    X(GONE,           409, 1002, "gone",        "it was deleted or archived")                                       \
    X(STALE,          409, 1002, "stale",       "the text changed since `base`; rebase and send again")             \
    X(EXISTS,         409, 1002, "conflict",    "the id is taken")                                                  \
    X(GONE_POSITION,  410, 4203, "stale",       "the position cannot be resumed")                                   \
    X(TOO_LARGE,      413, 1009, "too_large",   "larger than the limit")                                            \
    X(MEDIA,          415, 1003, "invalid",     "the content type is not one this address reads")                   \
    X(REUSED,         422, 1002, "conflict",    "the key was used for another request")                             \
    X(UPGRADE,        426, 1002, "invalid",     "this address speaks WebSocket only")                               \
    X(RATE,           429, 4101, "quota",       "too many requests")                                                \
    X(HEAD_TOO_LARGE, 431, 1009, "too_large",   "the request's head is larger than the limit")                      \
    X(QUOTA,          403, 4100, "quota",       "a limit on the number of objects is reached")                      \
    X(INTERNAL,       500, 1011, "storage",     "the server failed")                                                \
    X(UNIMPLEMENTED,  501, 1002, "invalid",     "not supported by this server")                                     \
    X(STORAGE,        503, 1011, "storage",     "the change could not be stored")                                   \
    X(READ_ONLY,      503, 1011, "read_only",   "the server is read-only now")                                      \
    X(BUSY,           503, 4100, "quota",       "the server is busy; try again later")                              \
    X(VERSION,        505, 4006, "invalid",     "only HTTP/1.0 and HTTP/1.1")                                       \
    X(UNKNOWN,        503, 1011, "storage",     "it is not known whether the change was stored; send it again")     \
    X(CORRUPT,        500, 1011, "storage",     "stored data failed its checksum")
/* clang-format on */

enum err {
#define X(name, http, close, why, text) ERR_##name,
    ERR_TABLE(X)
#undef X
            ERR_COUNT
};

int err_http(enum err e);
uint16_t err_close(enum err e);
const char *err_why(enum err e);
const char *err_text(enum err e);
const char *err_name(enum err e); /* lower case, for logs and metrics */

#define FAULT_TEXT_MAX 160

struct fault {
    enum err err;
    char field[48];                /* "" when no single field is to blame */
    char wrong[FAULT_TEXT_MAX];    /* "is a string of 17,000 UTF-16 units" */
    char expected[FAULT_TEXT_MAX]; /* "at most 16,384 UTF-16 units" */
};

/* Fills f (when not NULL) and returns err, so that `return fault_set(...)` reads well. `wrong` and
 * `expected` are printf formats' results already; long ones are cut at a character boundary. */
enum err fault_set(
        struct fault *f, enum err err, const char *field, const char *wrong, const char *expected);
enum err fault_setf(struct fault *f, enum err err, const char *field, const char *expected,
        const char *wrong_format, ...) __attribute__((format(printf, 5, 6)));

/* {"why":"..","field":"..","wrong":"..","expected":"..","msg":".."} with empty members left out. */
void fault_json(const struct fault *f, struct buf *out);
/* One line: `pos: is "x"; expected a positive number, "top" or "bottom"`. */
void fault_text(const struct fault *f, struct buf *out);

#endif
