"""rules.py - the rules of the house. Each yields (line, rule, what is wrong) for one file.

A rule is a function of (project, path, text) in RULES; the self-test plants a violation of each.
"""

import fnmatch
import os
import posixpath
import re

import ctext

FUNCTION_LINES_MAX = 70
PARAMETERS_MAX = 6  # the noun itself and five more
COLUMNS_MAX = 100
FILE_LINES_MAX = 600
TEST_LINES_MAX = 900
CODE = ('.c', '.h')
SCRIPTS = ('.js', '.mjs', '.ts', '.tsx', '.py', '.sh')
TEXTS = ('.md', '.txt', '.css', '.html', '.build', '.json', '.yml')
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(<[^>\n]+>|"[^"\n]+")', re.M)
PRIVATE = '/' + 'work'  # split, so that this file passes its own rule
SHARED = '..' + '/shared'


# Model clients and their checks in the simulation; resolvers, effects and transforms of the core.
APART = ['tests/sim/' + name + '.c' for name in ('client', 'ops', 'people', 'texts')]
CORE_ACTS = re.compile(r'\b((?:resolve|change)_\w+|delta_(?:apply|compose|diff|invert|transform)|'
                       r'event_(?:apply|unapply|follow)|place_find)[ ]?\(')


def is_test(path):
    return path.startswith(('tests/', 'bench/')) or path == 'test'


def line_of(text, at):
    return text.count('\n', 0, at) + 1


def includes(text):
    """(line, name, is ours) of each #include."""
    code = re.sub(r'/\*.*?\*/', ctext.spaces, text, flags=re.S)
    for found in INCLUDE.finditer(code):
        yield line_of(code, found.start(1)), found.group(1)[1:-1], found.group(1)[0] == '"'


def layer_of(project, path):
    fits = [layer for layer in project.layers if path == layer or path.startswith(layer + '/')]
    return max(fits, key=len, default=None)


def layer(project, path, text):
    if not path.endswith(CODE):
        return
    mine = layer_of(project, path)
    if mine is None:
        yield 1, 'layer', f'{path} belongs to no layer of tests/lint/layers.txt'
        return
    for line, name, is_ours in includes(text):
        theirs = layer_of(project, name)
        if is_ours and theirs is not None and theirs not in project.layers[mine]:
            yield line, 'layer', f'{mine} may not include {name} ({theirs})'


def include_root(project, path, text):
    """Ours are named from the root, by quotes, own header first."""
    if not path.endswith(CODE):
        return
    names = []
    for line, name, is_ours in includes(text):
        names.append(name)
        if is_ours and name not in project.files:
            yield line, 'include-root', f'"{name}" is not a file named from the root'
        if not is_ours and name in project.files:
            yield line, 'include-root', f'<{name}> is ours: use quotes'
    own = path[:-2] + '.h'
    if path.endswith('.c') and own in project.files and names and names[0] != own:
        yield 1, 'include-root', f'{own} comes first'


def include_circle(project, path, text):
    if not path.endswith('.h'):
        return
    for line, name, _ in includes(text):
        seen, todo = set(), [name]
        while todo:
            one = todo.pop()
            if one == path:
                yield line, 'include-circle', f'{name} includes {path} in the end'
                break
            if one in project.files and one not in seen:
                seen.add(one)
                todo += [other for _, other, is_ours in includes(project.text(one)) if is_ours]


def door(project, path, text):
    if not path.endswith(CODE):
        return
    for line, name, _ in includes(text):
        for header, doors in project.doors:
            if fnmatch.fnmatch(name, header):
                if not any(fnmatch.fnmatch(path, one) for one in doors):
                    yield line, 'door', f'{name} is named only in {", ".join(doors)}'
                break


def function_shape(_, path, text):
    if not path.endswith(CODE):
        return
    for one in ctext.functions(text):
        is_table = is_test(path) and one.name == 'main'  # cmocka's list of cases
        if one.lines > FUNCTION_LINES_MAX and not is_table:
            what = f'{one.name}: {one.lines} lines of {FUNCTION_LINES_MAX}'
            yield one.line, 'function-length', what
        if one.parameters > PARAMETERS_MAX:
            yield one.line, 'parameters', f'{one.name}: {one.parameters} of {PARAMETERS_MAX}'


def file_length(_, path, text):
    if not path.endswith(CODE + SCRIPTS):
        return
    most = TEST_LINES_MAX if is_test(path) else FILE_LINES_MAX
    count = text.count('\n')
    if count > most:
        yield most + 1, 'file-length', f'{count} lines, at most {most}'


def columns(_, path, text):
    if not path.endswith(CODE + SCRIPTS):
        return
    in_table = False
    for number, line in enumerate(text.split('\n'), 1):
        if 'clang-format off' in line:
            in_table = True
        if 'clang-format on' in line:
            in_table = False
        if len(line) > COLUMNS_MAX and not in_table:
            yield number, 'columns', f'{len(line)} columns, at most {COLUMNS_MAX}'


def whitespace(_, path, text):
    if not path.endswith(CODE + SCRIPTS + TEXTS):
        return
    for number, line in enumerate(text.split('\n'), 1):
        if path.endswith(CODE) and '\t' in line:
            yield number, 'tab', 'a tab'
        if line.endswith((' ', '\t')) and not path.endswith('.md'):
            yield number, 'trailing-space', 'space at the end of the line'
    if text and not text.endswith('\n'):
        yield text.count('\n') + 1, 'last-line', 'no newline at the end of the file'


def purpose(_, path, text):
    if path.endswith('.h') and not text.startswith(f'/* {posixpath.basename(path)} - '):
        yield 1, 'purpose', f'a header opens with /* {posixpath.basename(path)} - what it is'


def unfinished(_, path, text):
    if not path.endswith(CODE + SCRIPTS):
        return
    words = re.compile(r'\b(TO' + r'DO|FIX' + r'ME|X' + r'XX)\b')
    for found in words.finditer(text):
        yield line_of(text, found.start()), 'unfinished', found.group()


DEAD = re.compile(
    r'^\s*(?://|/\*|\*)?\s*(?:(?:if|while|for|switch) ?\(.*\)\s*\{?|return\b[^.]*;|'
    r'(?:\w+(?:->|\.))*\w+(?:\[\w*\])?\s*[-+|&]?=[^=].*;|'
    r'\w+\([^()]*(?:\([^()]*\)[^()]*)*\);|#\s*include\b.*)'
    r'\s*(?:\*/)?\s*$')


def apart(_, path, text):
    """What is held against the core may not be the core: these resolve and transform themselves."""
    if path not in APART:
        return
    for found in CORE_ACTS.finditer(ctext.blank(text)):
        what = f'{found.group(1)} is what this checks'
        yield line_of(text, found.start(1)), 'apart', what


def dead_code(_, path, text):
    if not path.endswith(CODE):
        return
    for number, line in enumerate(ctext.blank(text, keep_comments=True).split('\n'), 1):
        if line.strip() and DEAD.match(line):
            yield number, 'dead-code', 'a statement in a comment'
    for found in re.finditer(r'^[ \t]*#[ \t]*if[ \t]+0\b', text, re.M):
        yield line_of(text, found.start()), 'dead-code', '#if 0'


def private_path(_, path, text):
    for found in re.finditer(r'(?<![\w.)}"*-])' + re.escape(PRIVATE) + r'(?![\w-])', text):
        yield line_of(text, found.start()), 'private-path', f'{PRIVATE} is a path of one machine'
    if not is_test(path):
        for found in re.finditer(re.escape(SHARED), text):
            yield line_of(text, found.start()), 'private-path', f'{SHARED} is for tests that skip'


def in_meson(project, path, text):
    """Every C source is named in the meson.build of its folder or of one above."""
    del text
    if not path.endswith('.c'):
        return
    folder, name = posixpath.split(path)
    stem = name[:-2]
    short = re.sub(r'^(test|fuzz|bench)_', '', stem)
    while True:
        page = project.text(posixpath.join(folder, 'meson.build'))
        rest = posixpath.relpath(path, folder) if folder else path
        wanted = [rest, rest[:-2], stem, short, name]
        if page is not None and any(f"'{one}'" in page for one in wanted):
            return
        if not folder:
            break
        folder = posixpath.dirname(folder)
    yield 1, 'meson', f'{path} is in no meson.build'


def heading_anchors(text):
    anchors = set()
    for found in re.finditer(r'^#+ +(.+?)\s*$', text, re.M):
        words = re.sub(r'[^\w\- ]', '', found.group(1).lower())
        anchors.add(words.replace(' ', '-'))
    return anchors


def links(project, path, text):
    if not path.endswith('.md'):
        return
    prose = re.sub(r'```.*?```|`[^`\n]*`', ctext.spaces, text, flags=re.S)
    for found in re.finditer(r'\]\(([^)\s]+)\)', prose):
        target, _, anchor = found.group(1).partition('#')
        if re.match(r'[a-z]+:', target):
            continue
        place = posixpath.join(posixpath.dirname(path), target) if target else path
        place = posixpath.normpath(place)
        if not os.path.exists(os.path.join(project.root, place)):
            yield line_of(text, found.start()), 'link', f'{found.group(1)}: there is no {place}'
        elif (anchor and place.endswith('.md')
              and anchor not in heading_anchors(project.text(place))):
            yield line_of(text, found.start()), 'link', f'{found.group(1)}: no such heading'


RULES = [layer, include_root, include_circle, door, function_shape, file_length, columns,
         whitespace, purpose, unfinished, apart, dead_code, private_path, in_meson, links]
