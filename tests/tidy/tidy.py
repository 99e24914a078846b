#!/usr/bin/python3
"""The house rules that a compiler can't hold, over the files that git tracks.

    tests/tidy/tidy.py          every rule, every file; exit 1 when one is broken
"""

import pathlib
import re
import subprocess
import sys

FLOORS = [
    {"base"},
    {"vault"},
    {"engine"},
    {"store"},
    {"identity"},
    {"interaction"},
    {"segment"},
    {"rpc"},
    {"handlers", "transport"},
]

# Header of a library: the only folders that may include it.
ONLY_IN = {
    r"<lmdb\.h>": ("server/engine/", "tests/"),
    r"<sodium\.h>": ("server/vault/", "tests/"),
    r"<grpc/": ("server/transport/", "client/", "tests/"),
    r"<phonenumbers/": ("server/identity/phone_shim.cc",),
    r"<absl/": ("server/interaction/zone_shim.cc",),
    r"<pcre2\.h>": ("server/identity/pattern.c",),
    r"<roaring/": ("server/store/population.c",),
}

FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 900

SEEDS = "tests/fuzz/corpus/request/"

problems = []


def problem(path, line, text):
    problems.append("%s:%d: %s" % (path, line, text))


def floor_of(folder):
    for number, folders in enumerate(FLOORS):
        if folder in folders:
            return number
    return None


def check_includes(path, lines):
    parts = path.split("/")
    own = floor_of(parts[1]) if parts[0] == "server" and len(parts) > 2 else None
    for number, line in enumerate(lines, 1):
        match = re.match(r'#include ([<"].*[>"])', line)
        if not match:
            continue
        header = match.group(1)
        for pattern, folders in ONLY_IN.items():
            if re.match(pattern, header) and not path.startswith(folders):
                problem(path, number, "only %s may include %s" % (", ".join(folders), header))
        if parts[0] == "client" and header.startswith('"server/'):
            problem(path, number, "the client never includes the server")
        if parts[0] == "server" and header.startswith('"client/'):
            problem(path, number, "the server never includes the client")
        inner = re.match(r'"server/(\w+)/', header)
        if own is not None and inner and inner.group(1) != parts[1]:
            other = floor_of(inner.group(1))
            if other is None or other >= own:
                problem(path, number, "includes upward or sideways: %s" % header)


def check_shape(path, lines):
    text = "\n".join(lines)
    if path.endswith(".h") and "#pragma once" not in text:
        problem(path, 1, "a header begins with #pragma once")
    if path.endswith(".c") and not lines[0].startswith("/*"):
        problem(path, 1, "a source opens with a paragraph on its role")
    if len(lines) > FILE_LINES_MAX:
        problem(path, 1, "%d lines: more than one noun?" % len(lines))
    start = None
    for number, line in enumerate(lines, 1):
        if re.match(r"[A-Za-z].*\)\s*\{$", line) or re.match(r"^ +.*\) \{$", line) and start is None \
                and number > 1 and re.match(r"[A-Za-z].*[,(]$", lines[number - 2]):
            start = number
        if line == "}" and start is not None:
            if number - start > FUNCTION_LINES_MAX and not path.startswith("tests/"):
                problem(path, start, "a function of %d lines" % (number - start))
            start = None


def check_words(path, lines):
    for number, line in enumerate(lines, 1):
        if re.search(r"\b(TODO|FIXME|XXX)\b", line):
            problem(path, number, "an open end: do it, or say in the README what is not there")
        if path.startswith("server/handlers/") and re.search(r"\b(malloc|calloc|realloc|free)\(", line):
            problem(path, number, "handlers allocate from the arena and free nothing")
        if not path.startswith("tests/") and re.search(r"\b(sprintf|strcpy|strcat|gets|atoi)\(", line):
            problem(path, number, "has no bound")
        if re.search(r"(?<![\w/])/(work|root|home)/\w", line):
            problem(path, number, "a path of one machine")


def check_folders(files):
    folders = {str(pathlib.PurePath(f).parent) for f in files if f.endswith((".c", ".h", ".proto"))}
    for folder in sorted(folders):
        ancestors = [folder] + [str(p) for p in pathlib.PurePath(folder).parents]
        if not any(a + "/README.md" in files for a in ancestors if a != "."):
            problem(folder, 1, "no README.md says what lives here")


def check_seeds(files):
    """Every method has a seed in the corpus of whole calls, which says its name."""
    methods = set()
    for path in files:
        if path.endswith("_service.proto"):
            text = pathlib.Path(path).read_text(encoding="utf-8")
            methods.update(re.findall(r"^  rpc (\w+)\(", text, re.MULTILINE))
    seeded = set()
    for path in files:
        if path.startswith(SEEDS):
            method = pathlib.Path(path).read_bytes().split(b"\n")[0].decode(errors="replace")
            if method not in methods or path[len(SEEDS):].split("_")[0] != method.lower():
                problem(path, 1, "begins with the method that its name says, and a line break")
            seeded.add(method)
    for method in sorted(methods - seeded):
        problem(SEEDS + method.lower(), 1, "a method without a seed")


def main():
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], check=True, capture_output=True, text=True
    )
    files = [f for f in listed.stdout.splitlines() if pathlib.Path(f).exists()]
    for path in files:
        if not path.endswith((".c", ".h", ".cc")):
            continue
        lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
        if not lines:
            problem(path, 1, "is empty")
            continue
        check_includes(path, lines)
        check_shape(path, lines)
        check_words(path, lines)
    check_folders(set(files))
    check_seeds(files)
    for text in problems:
        print(text)
    print("tidy: %d files, %d problems" % (len(files), len(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
