/* verify.h - is everything in the data folder what was written, and does it belong together?
 *
 * Walks all tables in one read transaction: every checksum; a board's log from floor to head
 * against the head's chain; its entities against the head's count and sum; every object in ids,
 * short links and the index of members; nothing of boards that do not exist; uploaded files
 * against their names, and attachments against the files. Reads only. One thread, any. */
#ifndef TAVLA_STORAGE_VERIFY_H
#define TAVLA_STORAGE_VERIFY_H

#include "storage/db.h"

struct verify_out {
    void (*progress)(void *context, const char *line); /* may be NULL */
    void (*finding)(
            void *context, const char *line); /* one damage, with table and key; may be NULL */
    void *context;
};

struct verify_report {
    uint64_t rows[TABLE_COUNT];
    uint64_t boards, findings;
    uint64_t files, files_unused; /* stored; of them without an attachment: of deleted ones */
    uint64_t files_unnamed;       /* of those: what no record could bring back either */
};

enum err verify_run(struct db *db, const struct verify_out *out,
        struct verify_report *ret_report); /* ERR_STORAGE: could not read on */

/* For the command line: opens the folder (which no server may hold), verifies, closes. 0: clean,
 * 1: findings, 2: could not be opened or read; then why says what was wrong. */
int verify_folder(const char *dir, bool force, const struct verify_out *out,
        struct verify_report *ret_report, struct buf *why);

#endif
