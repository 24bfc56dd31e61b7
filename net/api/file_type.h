/* file_type.h - which files a browser may show by itself: a few images, told by their first bytes.
 *
 * What whoever uploaded it says of a file decides nothing: a page that calls itself an image would
 * run as a page. SVG, PDF, XML and HTML are not among these. Any thread. */
#ifndef TAVLA_API_FILE_TYPE_H
#define TAVLA_API_FILE_TYPE_H

#include "core/base/slice.h"

#define FILE_TYPE_BYTES 16 /* so many of its first bytes tell */

struct slice file_image_type(struct slice first); /* "image/png"; ptr NULL: none of these */
/* A media type as it is written, nothing more around it; else ptr NULL. Of an image of the above
 * kinds only when it is one. */
struct slice file_claimed_type(struct slice claimed, struct slice first);
/* The last part of a path, without what no file's name has; "file" where nothing is left. */
struct slice file_name_clean(struct slice name, char *scratch, size_t bytes_max);

#endif
