/* peers.h - how many connections an address holds, over all loops of the process.
 *
 * IPv4 counts by address, IPv6 by /64, loopback and local sockets not at all. One lock, taken at
 * accept and close only. Any thread. */
#ifndef TAVLA_NET_PEERS_H
#define TAVLA_NET_PEERS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct peer_key {
    /* IPv6: the /64; IPv4: its four bytes behind 0xffffffff, which no routed /64 begins with */
    uint8_t bytes[8];
    bool counted;
};

struct peer_key peer_key(const struct sockaddr_storage *address);
bool peers_enter(const struct peer_key *key); /* false: CONNS_PER_ADDRESS_MAX are there already */
void peers_leave(const struct peer_key *key); /* once for each successful peers_enter */
uint32_t peers_count(const struct peer_key *key);

#endif
