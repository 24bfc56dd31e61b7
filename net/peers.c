#include "net/peers.h"

#include <pthread.h>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/map.h"
#include "core/base/mem.h"

struct peer {
    uint8_t bytes[8];
    uint32_t count;
    UT_hash_handle hh;
};

static pthread_mutex_t peers_lock = PTHREAD_MUTEX_INITIALIZER;
static struct peer *peers;

struct peer_key peer_key(const struct sockaddr_storage *address)
{
    struct peer_key key = {.counted = false};
    uint32_t v4 = 0;
    if (address->ss_family == AF_INET) {
        v4 = ((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr;
    } else if (address->ss_family == AF_INET6) {
        const struct in6_addr *v6 =
                &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        if (IN6_IS_ADDR_LOOPBACK(v6)) return key;
        if (!IN6_IS_ADDR_V4MAPPED(v6)) {
            memcpy(key.bytes, v6->s6_addr, sizeof(key.bytes));
            key.counted = true;
            return key;
        }
        memcpy(&v4, v6->s6_addr + 12, sizeof(v4));
    } else {
        return key;
    }
    memset(key.bytes, 0xff, 4);
    memcpy(key.bytes + 4, &v4, sizeof(v4));
    key.counted = ntohl(v4) >> 24 != 127;
    return key;
}

bool peers_enter(const struct peer_key *key)
{
    if (!key->counted) return true;
    pthread_mutex_lock(&peers_lock);
    struct peer *p = NULL;
    HASH_FIND(hh, peers, key->bytes, sizeof(key->bytes), p);
    if (p == NULL) {
        p = MEM_NEW(struct peer);
        memcpy(p->bytes, key->bytes, sizeof(p->bytes));
        HASH_ADD(hh, peers, bytes, sizeof(p->bytes), p);
    }
    bool room = p->count < CONNS_PER_ADDRESS_MAX;
    if (room) p->count++;
    pthread_mutex_unlock(&peers_lock);
    return room;
}

void peers_leave(const struct peer_key *key)
{
    if (!key->counted) return;
    pthread_mutex_lock(&peers_lock);
    struct peer *p = NULL;
    HASH_FIND(hh, peers, key->bytes, sizeof(key->bytes), p);
    CHECK(p && p->count > 0);
    if (--p->count == 0) {
        HASH_DEL(peers, p);
        mem_free(p);
    }
    pthread_mutex_unlock(&peers_lock);
}

uint32_t peers_count(const struct peer_key *key)
{
    struct peer *p = NULL;
    pthread_mutex_lock(&peers_lock);
    HASH_FIND(hh, peers, key->bytes, sizeof(key->bytes), p);
    uint32_t count = p ? p->count : 0;
    pthread_mutex_unlock(&peers_lock);
    return count;
}
