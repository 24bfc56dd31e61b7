/* Listening sockets and the count of connections by address. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "net/listen.h"
#include "net/peers.h"

static void close_all(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}

static void test_listen__port_0_is_the_same_port_for_all_loops(void **state)
{
    (void)state;
    char why[LISTEN_WHY_BYTES] = "";
    int fds[4];
    assert_true(listen_tcp(SLICE("127.0.0.1:0"), 4, fds, why));
    uint16_t port = listen_port(fds[0]);
    assert_true(port != 0);
    for (int i = 1; i < 4; i++)
        assert_int_equal(listen_port(fds[i]), port);
    close_all(fds, 4);
}

static void test_listen__a_port_in_use_is_refused_though_ports_are_shared(void **state)
{
    (void)state;
    char why[LISTEN_WHY_BYTES] = "", spec[32];
    int fds[2], more[2];
    assert_true(listen_tcp(SLICE("127.0.0.1:0"), 2, fds, why));
    snprintf(spec, sizeof(spec), "127.0.0.1:%u", listen_port(fds[0]));
    assert_false(listen_tcp(slice_cstr(spec), 2, more, why));
    assert_non_null(strstr(why, "in use"));
    close_all(fds, 2);
    assert_true(listen_tcp(slice_cstr(spec), 2, more, why));
    close_all(more, 2);
}

static void test_listen__reads_each_form_of_address(void **state)
{
    (void)state;
    char why[LISTEN_WHY_BYTES];
    const char *good[] = {"127.0.0.1:0", ":0", "*:0", "0.0.0.0:0"};
    const char *bad[] = {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
            "localhost:80", "::1:80", "[::1:80", "[127.0.0.1]:80", "[]:80", "127.0.0.1:80 ",
            "1.2.3:80", "1111111111111111111111111111111111111111111111111111111:80"};
    int fd;
    for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
        if (!listen_tcp(slice_cstr(good[i]), 1, &fd, why)) fail_msg("%s", why);
        close(fd);
    }
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        assert_false(listen_tcp(slice_cstr(bad[i]), 1, &fd, why));
        assert_non_null(strstr(why, "expected ADDR:PORT"));
    }
    int v6 = socket(AF_INET6, SOCK_STREAM, 0);
    if (v6 < 0) return; /* a host without IPv6 */
    close(v6);
    if (listen_tcp(SLICE("[::1]:0"), 1, &fd, why))
        close(fd);
    else
        assert_null(strstr(why, "expected"));
}

static void test_listen_local__replaces_a_dead_socket_but_not_a_live_one(void **state)
{
    (void)state;
    char why[LISTEN_WHY_BYTES] = "", folder[] = "/tmp/tavla-listen-XXXXXX", path[64];
    struct stat st;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/admin", folder);
    int fd = listen_local(path, why);
    assert_true(fd >= 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(listen_port(fd), 0);
    assert_int_equal(listen_local(path, why), -1);
    assert_non_null(strstr(why, "another server"));
    close(fd);
    fd = listen_local(path, why);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    rmdir(folder);
}

static struct peer_key key_of(const char *text)
{
    struct sockaddr_storage a = {.ss_family = AF_INET};
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)&a;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)&a;
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) return peer_key(&a);
    a.ss_family = AF_INET6;
    assert_int_equal(inet_pton(AF_INET6, text, &v6->sin6_addr), 1);
    return peer_key(&a);
}

static void test_peers__refuses_the_one_too_many_of_an_address_only(void **state)
{
    (void)state;
    struct peer_key one = key_of("192.0.2.1"), mapped = key_of("::ffff:192.0.2.1"),
                    two = key_of("192.0.2.2");
    for (int i = 0; i < CONNS_PER_ADDRESS_MAX; i++)
        assert_true(peers_enter(&one));
    assert_false(peers_enter(&one));
    assert_false(peers_enter(&mapped));
    assert_true(peers_enter(&two));
    peers_leave(&one);
    assert_true(peers_enter(&mapped));
    for (int i = 0; i < CONNS_PER_ADDRESS_MAX; i++)
        peers_leave(&one);
    peers_leave(&two);
    assert_int_equal(peers_count(&one), 0);
    assert_int_equal(peers_count(&two), 0);
}

static void test_peers__counts_ipv6_by_64_bits_and_loopback_not_at_all(void **state)
{
    (void)state;
    struct peer_key a = key_of("2001:db8::1"), same = key_of("2001:db8::ffff:2"),
                    other = key_of("2001:db8:0:1::1");
    assert_true(peers_enter(&a));
    assert_int_equal(peers_count(&same), 1);
    assert_int_equal(peers_count(&other), 0);
    peers_leave(&same);
    const char *exempt[] = {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"};
    for (size_t i = 0; i < ARRAY_COUNT(exempt); i++) {
        struct peer_key key = key_of(exempt[i]);
        for (int n = 0; n <= CONNS_PER_ADDRESS_MAX; n++)
            assert_true(peers_enter(&key));
        assert_int_equal(peers_count(&key), 0);
        peers_leave(&key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_listen__port_0_is_the_same_port_for_all_loops),
            cmocka_unit_test(test_listen__a_port_in_use_is_refused_though_ports_are_shared),
            cmocka_unit_test(test_listen__reads_each_form_of_address),
            cmocka_unit_test(test_listen_local__replaces_a_dead_socket_but_not_a_live_one),
            cmocka_unit_test(test_peers__refuses_the_one_too_many_of_an_address_only),
            cmocka_unit_test(test_peers__counts_ipv6_by_64_bits_and_loopback_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
