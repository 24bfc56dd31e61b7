/* b64.h - base64 (RFC 4648 section 4), strict on reading. Any thread. */
#ifndef TAVLA_BASE_B64_H
#define TAVLA_BASE_B64_H

#include "core/base/buf.h"

bool b64_encode(struct buf *out, struct slice bytes);
bool b64_decode(struct buf *out, struct slice text); /* false: not padded base64, or out is full */

#endif
