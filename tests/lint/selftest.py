"""selftest.py - plants a violation of every rule in a temporary folder and expects it to be named.

PLANTED: (rule, file, its text, the line that must be named). CLEAN is what must pass beside it.
"""

import os
import re
import tempfile

import rules

GOOD_HEADER = '/* good.h - a header with its purpose. */\n#include <stddef.h>\nint good(int a);\n'
CLEAN = {
    'core/base/good.h': GOOD_HEADER,
    'core/base/good.c': '#include "core/base/good.h"\n\n/* Why, and then: a = b is meant. */\n'
                        'int good(int a)\n{\n    return a; // if (so) then this\n}\n',
    'core/base/meson.build': "lib = ['good.c', 'bad.c']\n",
    'core/meson.build': "lib = ['bad.c']\n",
    'tests/sim/meson.build': "sim = ['client.c']\n",
    'net/meson.build': "lib = ['bad.c', 'ring_uring.c', 'tls.c']\n",
    'net/net.h': '/* net.h - a door of the network. */\n',
    'net/ring_uring.c': '#include <liburing.h>\n',
    'net/tls.c': '#include <openssl/ssl.h>\n',
    'tests/unit/meson.build': "foreach name : ['long']\n",
    'tests/unit/test_long.c': 'int main(void)\n{\n' + '    ;\n' * 100 + '}\n',
    'README.md': '# Read me\n\n## How to run\n\n[below](#how-to-run) [good](core/base/good.h) '
                 '[far](https://example.org/)\n',
}
LONG = 'int bad(void)\n{\n' + '    ;\n' * 68 + '}\n'
WORK = '/' + 'work'
SHARED = '..' + '/shared'
WIDE = 'x' * 101 + '\n'
LATER = 'TO' + 'DO'
PLANTED = [
    ('layer', 'core/base/bad.c', '#include <stdio.h>\n#include "net/net.h"\n', 2),
    ('layer', 'core/bad.c', '#include "net/net.h"\n', 1),
    ('layer', 'net/bad.c', '#include "core/high.h"\n', 1),
    ('layer', 'odd/bad.h', '/* bad.h - x */\n', 1),
    ('include-root', 'core/base/bad.c', '#include "good.h"\n', 1),
    ('include-root', 'core/base/bad.c', '#include <core/base/good.h>\n', 1),
    ('include-root', 'core/base/good.c', '#include <stdio.h>\n#include "core/base/good.h"\n', 1),
    ('include-circle', 'core/base/bad.h', '/* bad.h - x */\n#include "core/base/worse.h"\n', 2),
    ('door', 'net/bad.c', '#include <liburing.h>\n', 1),
    ('door', 'core/base/bad.c', 'int x;\n#include <jansson.h>\n', 2),
    ('door', 'net/bad.c', '#include <openssl/evp.h>\n', 1),
    ('function-length', 'net/bad.c', 'static int ok(void)\n{\n    return "}";\n}\n' + LONG, 5),
    ('parameters', 'net/bad.c',
     '\nint bad(int a, int b, int c, int d, int e, int f, int g)\n{\n}\n', 2),
    ('file-length', 'net/bad.c', '\n' * 601, 601),
    ('file-length', 'tests/bad.js', '\n' * 901, 901),
    ('columns', 'net/bad.c', f'// clang-format off\n{WIDE}// clang-format on\n{WIDE}', 4),
    ('columns', 'tests/bad.js', 'é' * 101 + '\n', 1),
    ('tab', 'net/bad.c', 'int a;\n\tint b;\n', 2),
    ('trailing-space', 'net/bad.c', 'int a; \n', 1),
    ('last-line', 'net/bad.c', 'int a;\nint b;', 2),
    ('purpose', 'net/bad.h', '#pragma once\n', 1),
    ('purpose', 'net/bad.h', '/* good.h - of another name */\n', 1),
    ('unfinished', 'net/bad.c', f'int a; // {LATER}: b\n', 1),
    ('apart', 'tests/sim/client.c', 'int a;\nvoid b(void)\n{\n    delta_transform(a);\n}\n', 4),
    ('dead-code', 'net/bad.c', '// return bad(a);\n', 1),
    ('dead-code', 'net/bad.c', '/* the old way:\n * a->count = 3;\n */\n', 2),
    ('dead-code', 'net/bad.c', '    // conn_close(c, 3);\n', 1),
    ('dead-code', 'net/bad.c', 'int a;\n#if 0\n#endif\n', 2),
    ('private-path', 'tests/bad.js', f"read('{WORK}/x')\n", 1),
    ('private-path', 'net/bad.c', f'// see {SHARED}/samples\n', 1),
    ('meson', 'net/unlisted.c', 'int a;\n', 1),
    ('link', 'README.md', '# Read me\n\n[gone](docs/gone.md)\n', 3),
    ('link', 'README.md', '# Read me\n[gone](#not-there)\n', 2),
]
HELPERS = {  # present in every planted tree
    'core/high.h': '/* high.h - above the base. */\n',
    'core/base/worse.h': '/* worse.h - x */\n#include "core/base/bad.h"\n',
}


def write(root, files):
    for path, text in files.items():
        place = os.path.join(root, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, 'w', encoding='utf-8') as page:
            page.write(text)


def check(project_of, files, path):
    with tempfile.TemporaryDirectory() as root:
        write(root, files)
        return [(line, rule) for line, rule, _ in project_of(root).check(path)]


def run(project_of):
    passed = failed = 0
    for path in CLEAN:
        found = check(project_of, CLEAN, path)
        passed += not found
        failed += bool(found)
        if found:
            print(f'{path} is clean, but: {found}')
    for rule, path, text, line in PLANTED:
        found = check(project_of, {**CLEAN, **HELPERS, path: text}, path)
        good = (line, rule) in found and all(other == rule for _, other in found)
        passed += good
        failed += not good
        if not good:
            print(f'planted {rule} in {path}:{line}, but found: {found or "nothing"}')
    named = {rule for rule, _, _, _ in PLANTED}
    with open(rules.__file__, encoding='utf-8') as page:
        known = set(re.findall(r"yield .*?, '([a-z-]+)'", page.read()))
    passed += known == named
    failed += known != named
    if known != named:
        print(f'rules that nothing is planted for: {known ^ named}')
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0
