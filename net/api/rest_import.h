/* rest_import.h - Trello's "Export as JSON" becomes a board.
 *
 *   POST body -> pieces -> io lane -> spool file   (loop: paused while too much waits for the disk)
 *   all there -> 202 -> import lane: pass 1 over the file, board.create, pass 2, import.add in
 *                batches, at most two unanswered
 *   GET .../import/{job} -> how far it is
 *
 * What is made goes through the ordinary op path as the importing member, so its rights and
 * limits hold. When it fails, the board it made is deleted again. Ids of the file are kept where
 * they are free; someone else may take one between the look and the add: then the whole import
 * starts anew, and that id is known to be taken. */
#ifndef TAVLA_API_REST_IMPORT_H
#define TAVLA_API_REST_IMPORT_H

#include "net/api/jobs.h"
#include "net/api/rest.h"

#define IMPORTS_WAITING_MAX 8 /* being uploaded or waiting for a lane; then 503 */
#define IMPORTS_REMEMBERED                                                                         \
    64 /* finished ones whose status can still be asked for; the oldest is forgotten */
#define IMPORT_TRIES_MAX 3

enum import_state { IMPORT_READING, IMPORT_WAITING, IMPORT_RUNNING, IMPORT_DONE, IMPORT_FAILED };

struct import {
    struct job job; /* first */
    struct server *server;
    struct id id;     /* of the job */
    struct id member; /* who imports and becomes admin */
    struct actor actor;
    struct id organization; /* whose members the file may bring along; none: nobody's */
    bool files; /* the spool is a copy that this server wrote: its files are here */
    uint32_t lane;
    struct spool *spool;
    char name[512]; /* of the board, instead of the file's; "" : the file's */
    struct buf ops;         /* for the board once it is made, before what is on it; may be empty */
    /* On the loop of the job, when it is over; NULL: nobody waits. */
    void (*then)(void *waiting, enum import_state state, struct id board,
            const struct fault *fault);
    void *waiting;
    int64_t now_ms;
    /* Here and not with the thread: whoever rings last may still hold them when the thread has
     * gone on. */
    struct doorbell doorbell;
    _Atomic uint32_t in_flight;
    /* under imports.lock: */
    enum import_state state;
    bool ended; /* the job's thread and its mail are done with it: it may be forgotten */
    uint64_t bytes, total, objects;
    struct id board;
    struct buf report;  /* JSON, when DONE */
    struct fault fault; /* when FAILED */
};

struct imports; /* of the server: every import it remembers */

struct imports *imports_new(void);
struct imports *imports_free(struct imports *all); /* after the jobs have ended */

/* Takes it, with what its status is asked by filled in. False: too many, and it is freed. */
bool import_add(struct server *server, struct import *import);
void import_forget(struct server *server, struct import *import); /* it never started */
void import_start(
        struct server *server, struct import *import, uint32_t loop); /* the file is complete */
void import_enter(struct import *import, enum import_state state);
void import_progress(struct import *import, uint64_t bytes, uint64_t objects);
/* Its status as JSON. False: unknown, or not this actor's. Any thread. */
bool import_status(
        struct server *server, const struct actor *actor, struct id id, struct json_out *j);
void import_answer(struct rest *r, struct id job); /* 202: where it can be asked for */
void import_run(struct job *job); /* import.c: the lane's thread */

void import_body(struct conn *conn, struct ctx *ctx, struct slice piece, bool end);
void import_closed(struct conn *conn, struct ctx *ctx);

#endif
