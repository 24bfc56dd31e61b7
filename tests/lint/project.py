"""project.py - the files under a root that are ours, and the two tables of the lint."""

import os
import shutil
import subprocess

import rules

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


NOT_OURS = ('.git', 'node_modules', '__pycache__')


def rows(name):
    with open(os.path.join(HERE, name), encoding='utf-8') as page:
        return [line.split() for line in page if line.strip() and not line.startswith('#')]


class Project:
    """The files under one root, and the two tables."""

    def __init__(self, root):
        self.root = root
        self.layers = {row[0]: row[1:] for row in rows('layers.txt')}
        self.doors = [(row[0], row[1:]) for row in rows('doors.txt')]
        self.texts = {}
        self.files = set(self.list())

    def list(self):
        if os.path.exists(os.path.join(self.root, '.git')) and shutil.which('git'):
            git = subprocess.run(['git', 'ls-files', '-co', '--exclude-standard'], cwd=self.root,
                                 text=True, stdout=subprocess.PIPE, check=False)
            if git.returncode == 0:
                return [name for name in git.stdout.splitlines()
                        if os.path.isfile(os.path.join(self.root, name))]
        found = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = [one for one in folders if one not in NOT_OURS
                          and not (folder == self.root and one.startswith(('build', 'data')))]
            found += [os.path.relpath(os.path.join(folder, name), self.root) for name in names]
        return found

    def text(self, path):
        """None when there is no such file; '' when it is not text."""
        if path not in self.texts:
            try:
                with open(os.path.join(self.root, path), encoding='utf-8') as page:
                    self.texts[path] = page.read()
            except UnicodeDecodeError:
                self.texts[path] = ''
            except OSError:
                self.texts[path] = None
        return self.texts[path]

    def check(self, path):
        """[(line, rule, what)]"""
        text = self.text(path)
        return sorted(set(found for rule in rules.RULES for found in rule(self, path, text or '')))
