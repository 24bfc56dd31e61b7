#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/api/options.h"

static bool read_words(char **words, struct options *ret, char why[OPTIONS_WHY_BYTES])
{
    int count = 0;
    while (words[count]) count++;
    return options_read(count, words, ret, why);
}

static char *word(const char *text)
{
    return (char *)(uintptr_t)text;
}

#define WORDS(...) ((char *[]){ __VA_ARGS__, NULL })
#define W(text) word(text)

static void test_options__have_defaults(void **state)
{
    (void)state;
    struct options o;
    char why[OPTIONS_WHY_BYTES];
    assert_true(read_words(WORDS(W("tavla"), W("serve")), &o, why));
    assert_int_equal(o.command, COMMAND_SERVE);
    assert_string_equal(o.server.data_dir, "data");
    assert_string_equal(o.server.listen, "127.0.0.1:8080");
    assert_int_equal(o.server.loops, 0);
    assert_int_equal(o.server.backend, RING_AUTO);
    assert_null(o.server.base_url);
    assert_false(o.server.demo);
}

static void test_options__are_read_in_both_forms(void **state)
{
    (void)state;
    struct options o;
    char why[OPTIONS_WHY_BYTES];
    assert_true(read_words(WORDS(W("tavla"), W("serve"), W("--data=x"), W("--listen"), W("[::1]:0"),
                                   W("--loops=64"), W("--backend"), W("epoll"), W("--demo"),
                                   W("--base-url"), W("https://a.example"), W("--keep-days=30"),
                                   W("--keep-events"), W("500")),
            &o, why));
    assert_string_equal(o.server.data_dir, "x");
    assert_string_equal(o.server.listen, "[::1]:0");
    assert_int_equal(o.server.loops, 64);
    assert_int_equal(o.server.backend, RING_EPOLL);
    assert_string_equal(o.server.base_url, "https://a.example");
    assert_true(o.server.demo);
    assert_int_equal(o.keep_days, 30);
    assert_int_equal(o.keep_events, 500);
    assert_true(
            read_words(WORDS(W("tavla"), W("import"), W("-d"), W("x"), W("board.json")), &o, why));
    assert_int_equal(o.command, COMMAND_IMPORT);
    assert_string_equal(o.argument, "board.json");
    assert_true(read_words(
            WORDS(W("tavla"), W("link"), W("--role"), W("observer"), W("--name"), W("Ann")), &o,
            why));
    assert_string_equal(o.role, "observer");
}

static void test_options__say_what_was_expected(void **state)
{
    (void)state;
    static const struct {
        const char *words[4];
        const char *says;
    } cases[] = {
        { { "serve", "--loops", "0" }, "from 1 to 64" },
        { { "serve", "--loops", "65" }, "from 1 to 64" },
        { { "serve", "--loops", "two" }, "from 1 to 64" },
        { { "serve", "--backend", "kqueue" }, "auto, uring or epoll" },
        { { "serve", "--data" }, "DIR" },
        { { "serve", "--data", "" }, "DIR" },
        { { "serve", "--demo=yes" }, "takes no value" },
        { { "serve", "--colour", "red" }, "not an option" },
        { { "serve", "--force" }, "not an option" },
        { { "verify", "--demo" }, "not an option" },
        { { "serve", "extra" }, "one word too many" },
        { { "import", "a", "b" }, "one word too many" },
        { { "import" }, "expected FILE" },
        { { "export" }, "expected BOARD" },
        { { "link", "--role", "owner" }, "admin, normal or observer" },
        { { "server" }, "expected a command" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct options o = { .command = COMMAND_VERSION };
        char why[OPTIONS_WHY_BYTES] = "";
        char *words[6] = { word("tavla") };
        for (size_t k = 0; k < 4 && cases[i].words[k]; k++) words[k + 1] = word(cases[i].words[k]);
        assert_false(read_words(words, &o, why));
        if (!strstr(why, cases[i].says)) fail_msg("case %zu says: %s", i, why);
        assert_int_equal(o.command, COMMAND_VERSION); /* untouched */
    }
}

static void test_options__help_wins_over_what_is_missing(void **state)
{
    (void)state;
    struct options o;
    char why[OPTIONS_WHY_BYTES];
    assert_true(read_words(WORDS(W("tavla"), W("import"), W("--help")), &o, why));
    assert_int_equal(o.command, COMMAND_HELP);
    assert_true(read_words(WORDS(W("tavla"), W("--help")), &o, why));
    assert_int_equal(o.command, COMMAND_HELP);
    assert_false(read_words(WORDS(W("tavla")), &o, why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options__have_defaults),
        cmocka_unit_test(test_options__are_read_in_both_forms),
        cmocka_unit_test(test_options__say_what_was_expected),
        cmocka_unit_test(test_options__help_wins_over_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
