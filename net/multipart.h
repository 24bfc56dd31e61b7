/* multipart.h - the parts of a form's body (RFC 7578, multipart/form-data), pushed bytes in any
 * pieces.
 *
 *   --boundary CRLF  head CRLF CRLF  content CRLF  --boundary CRLF  ...  --boundary--
 *
 * Content is passed through and never kept; a head has a limit. The events are the same at every
 * cut, except that content may come in other pieces. One thread, any. */
#ifndef TAVLA_NET_MULTIPART_H
#define TAVLA_NET_MULTIPART_H

#include "core/base/err.h"
#include "core/base/limits.h"
#include "core/base/slice.h"

#define MULTIPART_BOUNDARY_MAX  70 /* RFC 2046 */
#define MULTIPART_HEAD_BYTES_MAX KIB(4)

enum multipart_status {
    MULTIPART_MORE,     /* all bytes are used up */
    MULTIPART_PART,     /* a part begins: name, file_name, type */
    MULTIPART_DATA,     /* ret_piece is some of its content */
    MULTIPART_PART_END, /* that was all of it */
    MULTIPART_END,      /* the last boundary; what may follow is nobody's */
    MULTIPART_BAD       /* for good; the fault says why */
};

struct multipart {
    char delimiter[4 + MULTIPART_BOUNDARY_MAX]; /* CR LF - - boundary */
    size_t delimiter_len;
    size_t matched; /* of it, at the end of what was read */
    enum {
        MULTIPART_AT_PREAMBLE,
        MULTIPART_AT_BEHIND, /* a boundary: what comes says whether it was the last */
        MULTIPART_AT_DASH,
        MULTIPART_AT_LF,
        MULTIPART_AT_HEAD,
        MULTIPART_AT_CONTENT,
        MULTIPART_AT_END,
        MULTIPART_AT_FAILED
    } state;
    char head[MULTIPART_HEAD_BYTES_MAX];
    size_t head_len;
    /* of the part, until the next begins; as they came, whatever bytes they have */
    struct slice name, file_name, type;
    bool has_file_name;
};

/* The boundary out of a Content-Type. False: it is no multipart/form-data, or has none. */
bool multipart_boundary(struct slice content_type, char ret_boundary[MULTIPART_BOUNDARY_MAX + 1]);
void multipart_init(struct multipart *m, struct slice boundary); /* 1 to 70 bytes, no CR */
/* Until MULTIPART_MORE. A piece points into bytes or into m, until the next call. */
enum multipart_status multipart_read(struct multipart *m, struct slice bytes, size_t *ret_used,
        struct slice *ret_piece, struct fault *ret_fault);
/* False at the end of the body: it was cut off. */
static inline bool multipart_ended(const struct multipart *m)
{
    return m->state == MULTIPART_AT_END;
}

#endif
