"""full.py - ./test --full: the counts as stated, in chunks, going on where the last run stopped.

What is done is remembered in build-full/state.json per state of the sources, so that a commit that
changes them starts anew. Every finished chunk is one line of tests/LEDGER.md.
"""

import datetime
import hashlib
import json
import os
import shutil
import subprocess
import time

import counts

CHUNK_SECONDS = 120
LEDGER_HEAD = '''# Ledger of full counts

One line a chunk of `./test --full`: what ran, on which commit, and how it ended.

| date | commit | suite | seeds | count | done of full | result |
| --- | --- | --- | --- | --- | --- | --- |
'''


def git(root, *arguments):
    """What git says, or nothing where there is no git or no repository."""
    if not shutil.which('git'):
        return b''
    done = subprocess.run(['git', *arguments], cwd=root, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False)
    return done.stdout if done.returncode == 0 else b''


def sources(root):
    """-> (commit for the ledger, name of this state of the sources); documents do not count."""
    commit = git(root, 'rev-parse', '--short', 'HEAD').decode().strip() or 'unknown'
    tree = [line for line in git(root, 'ls-tree', '-r', 'HEAD').splitlines()
            if not line.endswith(b'.md')]
    change = git(root, 'diff', 'HEAD', '--', '.', ':(exclude)*.md')
    name = hashlib.sha256(b'\n'.join(tree) + change).hexdigest()[:16]
    return commit + ('+' if change else ''), name


class Ledger:
    """What was counted so far, and the page that says so."""

    def __init__(self, root):
        self.path = os.path.join(root, 'tests', 'LEDGER.md')
        self.state_path = os.path.join(root, 'build-full', 'state.json')
        self.commit, self.sources = sources(root)
        self.done = {}
        try:
            with open(self.state_path, encoding='utf-8') as state:
                self.done = json.load(state).get(self.sources, {})
        except (OSError, ValueError):
            pass

    def add(self, suite, seed, count, result):
        if not result.failed:
            self.done[suite.name] = self.done.get(suite.name, 0) + count
        os.makedirs(os.path.dirname(self.state_path), exist_ok=True)
        with open(self.state_path + '.new', 'w', encoding='utf-8') as state:
            json.dump({self.sources: self.done}, state)
        os.replace(self.state_path + '.new', self.state_path)
        date = datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%d')
        line = (f'| {date} | {self.commit} | {suite.name} | {seed}.. | {count} {suite.unit} | '
                f'{self.done.get(suite.name, 0)} of {suite.full} | {result.line()} |')
        try:
            new = not os.path.exists(self.path)
            with open(self.path, 'a', encoding='utf-8') as page:
                page.write((LEDGER_HEAD if new else '') + line + '\n')
        except OSError as wrong:
            print(f'   the ledger is not writable ({wrong.strerror}): {line}')


class Pace:
    """How many units the next chunk of each suite takes."""

    def __init__(self):
        self.seconds_each = {}

    def learn(self, suite, count, seconds):
        self.seconds_each[suite.name] = max(seconds / count, 1e-6)

    def next_count(self, suite, left, deadline):
        """0 when not even a quick count fits in what is left of the time."""
        each = self.seconds_each.get(suite.name)
        least = min(max(1, suite.quick), left)
        if each is None:
            return least if time.monotonic() < deadline else 0
        room = deadline - time.monotonic()
        if room < each * least:
            return 0
        return max(1, min(left, int(min(CHUNK_SECONDS, room) / each)))


def run(root, suites, runner, minutes):
    """Runs chunks, the suite that is furthest behind first -> [(suite, Counts)]."""
    ledger = Ledger(root)
    pace = Pace()
    deadline = time.monotonic() + minutes * 60 if minutes else float('inf')
    open_suites = [suite for suite in suites if suite.full > suite.quick]
    results = {suite.name: counts.Counts() for suite in open_suites}
    while open_suites:
        suite = min(open_suites, key=lambda one: ledger.done.get(one.name, 0) / one.full)
        done = ledger.done.get(suite.name, 0)
        count = pace.next_count(suite, suite.full - done, deadline) if done < suite.full else 0
        if not count:
            open_suites.remove(suite)
            continue
        started = time.monotonic()
        result = runner(suite, count, 1 + done)
        pace.learn(suite, count, time.monotonic() - started)
        ledger.add(suite, 1 + done, count, result)
        results[suite.name] += result
        if result.failed:
            open_suites.remove(suite)
    for suite in suites:
        if suite.full > suite.quick:
            print(f'   {suite.name}: {ledger.done.get(suite.name, 0)} of {suite.full} {suite.unit}')
    return [(suite, results[suite.name]) for suite in suites if suite.name in results]
