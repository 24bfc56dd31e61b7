/* rest_upload.h - a file that is attached to a card, on its way to the disk.
 *
 *   head -> who is it -> may they edit the card's board        (the peer is not read so long)
 *   body -> parts (net/multipart.h) -> pieces -> files lane -> draft
 *   the last boundary, all on disk -> draft kept (flushed, named) -> attachment.file -> answer
 *
 * The loop never waits for the disk: it parses and hands over. Whoever goes away, is refused or is
 * killed in the middle leaves nothing but a draft, which is dropped. Loop thread, but for the
 * jobs. */
#ifndef TAVLA_API_REST_UPLOAD_H
#define TAVLA_API_REST_UPLOAD_H

#include "net/api/rest.h"

void upload_start(struct rest *r); /* of a request with r->boundary */
void upload_body(struct conn *conn, struct ctx *ctx, struct slice piece, bool end);
void upload_closed(struct conn *conn, struct ctx *ctx);

#endif
