"""counts.py - the closing line every suite ends with, and what the tools under them print.

The line is `N passed, N failed`, then `, N skipped` and `, N unshared` where they are not zero.
Unshared cases are those of the skipped that wanted ../shared, which only some machines have.
"""

import re
from dataclasses import dataclass

LINE = re.compile(r'^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?(?:, (\d+) unshared)?$')
CMOCKA = re.compile(r'^\[ *(OK|FAILED|SKIPPED|ERROR) *\] (\w+)')
TAP = re.compile(r'^# (pass|fail|cancelled|skipped|todo) (\d+)$')


@dataclass
class Counts:
    """How many cases passed, failed, and were skipped; unshared is a part of skipped."""
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    unshared: int = 0

    def __add__(self, other):
        return Counts(self.passed + other.passed, self.failed + other.failed,
                      self.skipped + other.skipped, self.unshared + other.unshared)

    def strict(self):
        """As CI counts: a skip is a failure, except for want of ../shared."""
        return Counts(self.passed, self.failed + self.skipped - self.unshared,
                      self.unshared, self.unshared)

    def line(self, unshared=True):
        text = f'{self.passed} passed, {self.failed} failed'
        if self.skipped:
            text += f', {self.skipped} skipped'
        if self.unshared and unshared:
            text += f', {self.unshared} unshared'
        return text


def of_line(text):
    """The counts of the last closing line in text, or None."""
    for line in reversed(text.splitlines()):
        found = LINE.match(line.strip())
        if found:
            return Counts(*(int(group or 0) for group in found.groups()))
    return None


def of_cmocka(text):
    """The cases of one cmocka program, or None when text is not its report."""
    state = {}
    unshared = set()
    wants_shared = False
    for line in text.splitlines():
        found = CMOCKA.match(line)
        if not found:
            wants_shared = wants_shared or '../shared' in line
            continue
        word, name = found.groups()
        if name == 'tests' or name.isdigit():  # the summary below the cases
            continue
        if word == 'SKIPPED' and wants_shared:
            unshared.add(name)
        wants_shared = False
        if state.get(name) not in ('FAILED', 'ERROR'):
            state[name] = word
    if not state:
        return None
    words = list(state.values())
    return Counts(words.count('OK'), words.count('FAILED') + words.count('ERROR'),
                  words.count('SKIPPED'), len(unshared))


def of_tap(text):
    """The summary of `node --test --test-reporter=tap`, or None."""
    found = dict()
    for line in text.splitlines():
        match = TAP.match(line)
        if match:
            found[match.group(1)] = int(match.group(2))
    if 'pass' not in found:
        return None
    unshared = len(re.findall(r'^\s*(?:not )?ok \d+ .*# SKIP.*\.\./shared', text, re.M))
    return Counts(found['pass'], found.get('fail', 0) + found.get('cancelled', 0),
                  found.get('skipped', 0) + found.get('todo', 0), unshared)
