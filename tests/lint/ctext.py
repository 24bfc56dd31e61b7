"""ctext.py - just enough of C to check its shape: comments, strings, functions."""

import re
from dataclasses import dataclass

TOKENS = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank_lines(text):
    return re.sub(r'[^\n]', ' ', text)


def spaces(found):
    """For re.sub: as many lines, nothing on them."""
    return blank_lines(found.group())


def blank(text, keep_comments=False):
    """text without comments and strings (or nothing but comments), every line in its place."""
    if not keep_comments:
        return TOKENS.sub(spaces, text)
    parts, at = [], 0
    for found in TOKENS.finditer(text):
        parts.append(blank_lines(text[at:found.start()]))
        said = found.group()
        parts.append(said if said.startswith('/') else blank_lines(said))
        at = found.end()
    return ''.join(parts) + blank_lines(text[at:])


@dataclass
class Function:
    """A function's definition: where it opens, its lines from there to the closing brace."""
    name: str
    line: int
    lines: int
    parameters: int


def parameter_count(text):
    if text.strip() in ('', 'void'):
        return 0
    text = re.sub(r',\s*\.\.\.\s*$', '', text)
    depth, count = 0, 1
    for char in text:
        depth += (char in '([{') - (char in ')]}')
        count += char == ',' and depth == 0
    return count


def closing(text, at):
    """Index of the bracket that closes the one at `at`, or the end."""
    pairs = {'(': ')', '{': '}'}
    opener, closer, depth = text[at], pairs[text[at]], 0
    for index in range(at, len(text)):
        depth += (text[index] == opener) - (text[index] == closer)
        if depth == 0:
            return index
    return len(text)


def functions(text):
    """The definitions in text: a line that starts with a word, parameters, a brace."""
    code = re.sub(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', spaces, blank(text), flags=re.M)
    found_all, end = [], 0
    for found in re.finditer(r'^[A-Za-z_][^;={}()#]*?(\w+)[ \t]*\(', code, re.M):
        if found.start() < end:
            continue
        bracket = found.end() - 1
        close = closing(code, bracket)
        if found.group(1) == '__attribute__':
            continue
        after = re.match(r'[\s\w]*(?:__attribute__\s*\(\(.*?\)\)\s*)*\{', code[close + 1:], re.S)
        if not after:
            continue
        end = closing(code, close + after.end())
        first = code.count('\n', 0, found.start()) + 1
        last = code.count('\n', 0, end) + 1
        found_all.append(Function(found.group(1), first, last - first + 1,
                                  parameter_count(code[bracket + 1:close])))
    return found_all
