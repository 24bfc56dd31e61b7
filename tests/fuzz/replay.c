/* replay.c - runs a fuzz target without a fuzzer: every seed, then a number of mutations that a
 * seed number determines.
 *
 *     replay_http_head tests/fuzz/seeds/http_head [mutations] [seed]
 *
 * So any compiler, sanitizer and coverage build runs the targets in the ordinary tests.
 * TAVLA_FUZZ_RUNS and TAVLA_FUZZ_SEED stand in for the arguments. A crash prints the input that
 * did it; `replay FILE` runs one again. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/base/slice.h"

#define RUNS_DEFAULT    20000
#define INPUT_BYTES_MAX ((size_t)64 * 1024)
#define SEEDS_MAX       256
#define EXIT_TROUBLE    99 /* meson: an error even for a test that should fail */
#define CRASH_FILE      "fuzz-crash.bin"

struct corpus {
    struct slice inputs[SEEDS_MAX];
    size_t count;
};

static uint8_t input[INPUT_BYTES_MAX];
static size_t input_bytes;

/* Only what a handler may call: write the input away, say so, let the signal kill us. */
static void crashed(int signal_number)
{
    static const char said[] = "replay: crashed; the input is in " CRASH_FILE "\n";
    FILE *file = fopen(CRASH_FILE, "wb"); /* the process is lost anyway: stdio is worth the try */
    if (file != NULL) {
        fwrite(input, 1, input_bytes, file);
        fclose(file);
    }
    ssize_t wrote = write(STDERR_FILENO, said, sizeof(said) - 1);
    (void)wrote;
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/* A sanitizer that has its own handler keeps it. */
static void catch_crashes(void)
{
    static const int numbers[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
        struct sigaction now;
        if (sigaction(numbers[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL)
            signal(numbers[i], crashed);
    }
}

/* The target gets an allocation of exactly the input's size, so that reading past it is seen. */
static void run_input(void)
{
    uint8_t *exact = mem_new(input_bytes > 0 ? input_bytes : 1);
    memcpy(exact, input, input_bytes);
    LLVMFuzzerTestOneInput(exact, input_bytes);
    mem_free(exact);
}

static void run_slice(struct slice s)
{
    input_bytes = s.len < INPUT_BYTES_MAX ? s.len : INPUT_BYTES_MAX;
    memcpy(input, s.ptr, input_bytes);
    run_input();
}

static bool read_input(const char *path, struct slice *ret)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return false;
    char *bytes = mem_new(INPUT_BYTES_MAX);
    size_t len = fread(bytes, 1, INPUT_BYTES_MAX, file);
    bool good = ferror(file) == 0;
    fclose(file);
    *ret = slice_of(mem_resize(bytes, len + 1), len);
    return good;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* the order must not hang on the locale */
}

static int not_hidden(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

static bool read_corpus(const char *path, struct corpus *ret)
{
    struct stat st;
    if (stat(path, &st) != 0) return false;
    ret->count = 0;
    if (S_ISREG(st.st_mode)) return read_input(path, &ret->inputs[ret->count++]);
    struct dirent **names;
    int n = scandir(path, &names, not_hidden, by_name);
    bool good = n > 0;
    for (int i = 0; i < n; i++) {
        char file[4096];
        snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
        good = good && ret->count < SEEDS_MAX && read_input(file, &ret->inputs[ret->count++]);
        free(names[i]);
    }
    if (n >= 0) free(names);
    return good;
}

static const uint8_t telling_bytes[] = {
        0, 1, 9, 10, 13, 32, '"', '0', ':', ';', '[', '\\', '{', 127, 128, 0xc3, 0xff};

static void insert_bytes(size_t at, const uint8_t *bytes, size_t len)
{
    if (len > INPUT_BYTES_MAX - input_bytes) len = INPUT_BYTES_MAX - input_bytes;
    memmove(input + at + len, input + at, input_bytes - at);
    memcpy(input + at, bytes, len);
    input_bytes += len;
}

static void remove_bytes(size_t at, size_t len)
{
    memmove(input + at, input + at + len, input_bytes - at - len);
    input_bytes -= len;
}

/* One small change: a bit, a byte, a removal, a doubled part, or a part of another seed. */
static void mutate_once(struct rng *r, const struct corpus *c)
{
    if (input_bytes == 0) {
        input[input_bytes++] = (uint8_t)rng_below(r, 256);
        return;
    }
    size_t at = (size_t)rng_below(r, input_bytes);
    size_t len = 1 + (size_t)rng_below(r, input_bytes - at < 32 ? input_bytes - at : 32);
    uint8_t part[32];
    struct slice other = c->inputs[rng_below(r, c->count)];
    switch (rng_below(r, 7)) {
    case 0: input[at] ^= (uint8_t)(1u << rng_below(r, 8)); break;
    case 1: input[at] = (uint8_t)rng_below(r, 256); break;
    case 2: input[at] = telling_bytes[rng_below(r, sizeof(telling_bytes))]; break;
    case 3: remove_bytes(at, len); break;
    case 4: insert_bytes(at, &telling_bytes[rng_below(r, sizeof(telling_bytes))], 1); break;
    case 5:
        memcpy(part, input + at, len);
        insert_bytes(at, part, len);
        break;
    case 6:
        if (other.len == 0) break;
        other = slice_head(slice_from(other, (size_t)rng_below(r, other.len)), len);
        insert_bytes(at, (const uint8_t *)other.ptr, other.len);
        break;
    }
}

static void run_mutations(const struct corpus *c, uint64_t runs, uint64_t seed)
{
    struct rng r;
    rng_init(&r, seed);
    for (uint64_t run = 0; run < runs; run++) {
        struct slice s = c->inputs[rng_below(&r, c->count)];
        input_bytes = s.len;
        memcpy(input, s.ptr, s.len);
        for (uint64_t changes = 1 + rng_below(&r, 4); changes > 0; changes--) {
            mutate_once(&r, c);
        }
        run_input();
    }
}

static bool read_number(const char *argument, const char *variable, uint64_t *ret)
{
    const char *text = argument != NULL ? argument : getenv(variable);
    return text == NULL || slice_to_u64(slice_cstr(text), ret);
}

int main(int argc, char **argv)
{
    static struct corpus corpus;
    uint64_t runs = RUNS_DEFAULT;
    uint64_t seed = 1;
    bool good = argc >= 2 && argc <= 4 &&
                read_number(argc > 2 ? argv[2] : NULL, "TAVLA_FUZZ_RUNS", &runs) &&
                read_number(argc > 3 ? argv[3] : NULL, "TAVLA_FUZZ_SEED", &seed);
    if (!good) {
        fprintf(stderr, "usage: %s CORPUS|FILE [mutations] [seed]\n", argv[0]);
        return EXIT_TROUBLE;
    }
    if (!read_corpus(argv[1], &corpus)) {
        fprintf(stderr, "replay: %s: no seeds that can be read\n", argv[1]);
        return EXIT_TROUBLE;
    }
    fprintf(stderr, "replay: %zu seeds, %llu mutations, seed %llu\n", corpus.count,
            (unsigned long long)runs, (unsigned long long)seed);
    catch_crashes();
    for (size_t i = 0; i < corpus.count; i++) {
        run_slice(corpus.inputs[i]);
    }
    run_mutations(&corpus, runs, seed);
    for (size_t i = 0; i < corpus.count; i++) {
        mem_free((void *)(uintptr_t)corpus.inputs[i].ptr);
    }
    return 0;
}
