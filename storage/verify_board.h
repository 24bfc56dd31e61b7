/* verify_board.h - the part of verify that follows one board; not for others. */
#ifndef TAVLA_STORAGE_VERIFY_BOARD_H
#define TAVLA_STORAGE_VERIFY_BOARD_H

#include "core/base/arena.h"
#include "storage/verify.h"

struct verify {
    struct db *db;
    MDB_txn *txn;
    const struct verify_out *out;
    struct verify_report report;
    struct arena scratch; /* reset after every row of the outer walk */
    uint64_t memberships; /* entities that found their row in members */
    uint64_t parts;       /* entities that are parts of a card */
    struct id owner;      /* board of the last row looked at */
    bool owner_known;
};

void verify_finding(struct verify *v, enum table t, struct slice key, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

/* verify_files.c: what was uploaded. */
void verify_files(struct verify *v);

/* A row of heads: its log, its entities, what points to them. */
void verify_board(struct verify *v, struct slice key, struct slice value);

#endif
