/* attachment.h - what may stand in an attachment: which links, and what they lead to. Pure; any
 * thread. */
#ifndef TAVLA_CORE_ATTACHMENT_H
#define TAVLA_CORE_ATTACHMENT_H

#include "core/model.h"

#define FILE_HASH_TEXT 64 /* a SHA-256 in lower-case hex */

/* http or https and a host, without spaces and control characters: nothing that a browser would
 * run. */
bool attachment_url_valid(struct slice url);
/* KIND_BOARD or KIND_CARD: by its form it leads to one, here or at Trello. Else KIND_NONE. */
enum kind attachment_url_kind(struct slice url);
bool file_hash_valid(struct slice text);

#endif
