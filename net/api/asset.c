#include "net/api/asset.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/check.h"
#include "core/base/hash.h"

#define FOLDER_FILE_BYTES_MAX MIB(8)
#define PATH_BYTES_MAX 256

static const char policy[] =
        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
        "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types tavla-worker\r\n"
        "Referrer-Policy: same-origin\r\n"
        "Cross-Origin-Opener-Policy: same-origin\r\n"
        "Permissions-Policy: camera=(), geolocation=(), microphone=()\r\n";

static const char *const codings[ASSET_CODINGS] = { "", "gzip", "br" };

/* -- which file */

static bool is_page(struct slice path)
{
    return slice_eq(path, SLICE("/")) || slice_starts(path, SLICE("/b/")) ||
           slice_starts(path, SLICE("/c/"));
}

const struct asset *asset_find(const struct assets *assets, struct slice path)
{
    size_t low = 0, high = assets->count;
    if (is_page(path)) path = SLICE("/index.html");
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_cmp(slice_cstr(assets->rows[middle].path), path);
        if (order == 0) return &assets->rows[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* -- in which coding */

/* "br", "br;q=0.5", but not "br;q=0" (RFC 9110 section 12.5.3). */
static bool accepts(struct slice list, const char *coding)
{
    struct slice part, name;
    while (slice_next(&list, ',', &part)) {
        struct slice weight = { 0 };
        name = part;
        if (slice_cut(&part, ';', &name)) weight = slice_trim(part);
        if (!slice_eq_nocase(slice_trim(name), slice_cstr(coding))) continue;
        double q = 1;
        if (weight.len > 2 && slice_starts(weight, SLICE("q=")))
            slice_to_double(slice_from(weight, 2), &q);
        return q > 0;
    }
    return false;
}

enum asset_coding asset_choose(const struct asset *asset, struct slice accept_encoding)
{
    for (enum asset_coding coding = ASSET_BR; coding > ASSET_PLAIN; coding--) {
        if (asset->bytes[coding].ptr && accepts(accept_encoding, codings[coding])) return coding;
    }
    return ASSET_PLAIN;
}

/* -- the answer */

struct http_answer asset_answer(
        const struct asset *asset, const struct http_request *request, struct buf *fields)
{
    enum asset_coding coding = asset_choose(asset, http_field_get(request, "accept-encoding"));
    char tag[80];
    snprintf(tag, sizeof tag, "\"%.60s%s%s\"", asset->etag, coding ? "-" : "", codings[coding]);
    buf_add_format(fields, "ETag: %s\r\nVary: Accept-Encoding\r\n", tag);
    buf_add(fields, slice_cstr(asset->immutable ? "Cache-Control: public, max-age=31536000, "
                                                  "immutable\r\n"
                                                : "Cache-Control: no-cache\r\n"));
    if (slice_starts(slice_cstr(asset->type), SLICE("text/html")))
        buf_add(fields, slice_cstr(policy));
    struct slice known = http_field_get(request, "if-none-match");
    if (known.ptr && http_tag_listed(known, slice_cstr(tag)))
        return (struct http_answer){ .status = 304, .fields = buf_slice(fields) };
    if (coding) buf_add_format(fields, "Content-Encoding: %s\r\n", codings[coding]);
    return (struct http_answer){
        .status = 200,
        .content_type = slice_cstr(asset->type),
        .fields = buf_slice(fields),
        .body = asset->bytes[coding],
    };
}

static void answer(struct conn *conn, const struct asset *asset, const struct http_request *request)
{
    struct buf fields;
    buf_init(&fields, KIB(4));
    struct http_answer made = asset_answer(asset, request, &fields);
    conn_answer(conn, &made);
    buf_fini(&fields);
}

/* -- from a folder: for whoever works on the client, so each file is read each time */

static const char *type_of(struct slice path)
{
    static const char *const types[][2] = {
        { ".html", "text/html; charset=utf-8" },
        { ".js", "text/javascript; charset=utf-8" },
        { ".css", "text/css; charset=utf-8" },
        { ".svg", "image/svg+xml" },
        { ".png", "image/png" },
    };
    for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
        if (slice_ends(path, slice_cstr(types[i][0]))) return types[i][1];
    }
    return NULL;
}

/* Letters, digits and "/-_." only, and no part that begins with a dot. */
static bool is_plain_path(struct slice path)
{
    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!word && !strchr("/-_.", c)) return false;
        if (c == '.' && (i == 0 || path.ptr[i - 1] == '/')) return false;
    }
    return path.len > 1 && path.len < PATH_BYTES_MAX && path.ptr[0] == '/';
}

static bool file_read(const char *name, struct buf *out)
{
    struct stat about;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool ok = fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
    while (ok) {
        char piece[KIB(16)];
        ssize_t got = read(fd, piece, sizeof piece);
        if (got == 0) break;
        ok = got > 0 && buf_add(out, slice_of(piece, (size_t)got));
    }
    if (fd >= 0) close(fd);
    return ok;
}

static bool folder_request(
        const char *folder, struct conn *conn, const struct http_request *request)
{
    struct slice path = is_page(request->path) ? SLICE("/index.html") : request->path;
    const char *type = is_plain_path(path) ? type_of(path) : NULL;
    char name[4096], tag[20];
    struct buf bytes;
    if (!type) return false;
    int len = snprintf(name, sizeof name, "%s%.*s", folder, SLICE_ARG(path));
    if (len < 0 || (size_t)len >= sizeof name) return false;
    buf_init(&bytes, FOLDER_FILE_BYTES_MAX);
    bool found = file_read(name, &bytes);
    if (found) {
        struct asset asset = { .type = type, .etag = tag };
        asset.bytes[ASSET_PLAIN] = buf_slice(&bytes);
        snprintf(tag, sizeof tag, "%016llx", (unsigned long long)hash64(buf_slice(&bytes), 0));
        answer(conn, &asset, request);
    }
    buf_fini(&bytes);
    return found;
}

bool asset_request(
        const struct assets *assets, struct conn *conn, const struct http_request *request)
{
    if (!slice_eq(request->method, SLICE("GET")) && !slice_eq(request->method, SLICE("HEAD")))
        return false;
    if (assets->folder) return folder_request(assets->folder, conn, request);
    const struct asset *asset = asset_find(assets, request->path);
    if (!asset) return false;
    answer(conn, asset, request);
    return true;
}
