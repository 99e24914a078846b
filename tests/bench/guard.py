#!/usr/bin/python3
"""Counts the instructions of the hottest calls, and fails where one takes a tenth more than is
recorded in guard.json. Counts hang on the code, the compiler and the libraries, not on how busy a
machine is; what was recorded is of Debian 12 on x86-64.

  tests/bench/guard.py            build, count, compare
  tests/bench/guard.py --record   the same, and record what was counted
"""

import glob
import json
import os
import re
import subprocess
import sys
import tempfile

TARGET = "//tests/bench:guard_calls"
GROWTH_MAX = 1.10
REPOSITORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
RECORDED = os.path.join(REPOSITORY, "tests", "bench", "guard.json")


def count():
    """Instructions of a call, by the name of the row."""
    subprocess.run(["bazel", "build", TARGET], cwd=REPOSITORY, check=True)
    program = os.path.join(REPOSITORY, "bazel-bin", "tests", "bench", "guard_calls")
    with tempfile.TemporaryDirectory() as directory:
        out = os.path.join(directory, "callgrind")
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--callgrind-out-file=" + out,
             program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if run.returncode != 0:
            sys.exit("guard: %s ended with %d\n%s" % (program, run.returncode, run.stderr))
        calls = dict(line.split("\t") for line in run.stdout.splitlines())
        counts = {}
        for path in glob.glob(out + ".*"):
            with open(path) as dump:
                text = dump.read()
            name = re.search(r"^desc: Trigger: Client Request: (.*)$", text, re.M).group(1)
            total = int(re.search(r"^totals: (\d+)$", text, re.M).group(1))
            counts[name] = total // int(calls[name])
    if set(counts) != set(calls):
        sys.exit("guard: callgrind told of %d rows of %d" % (len(counts), len(calls)))
    return {name: counts[name] for name in calls}


def compare(counts, recorded):
    """Prints a table; whether no row grew too much, and each is known on both sides."""
    good = True
    print("%-30s %14s %14s %7s" % ("row", "instructions", "recorded", "ratio"))
    for name in list(counts) + [name for name in recorded if name not in counts]:
        now, before = counts.get(name), recorded.get(name)
        verdict = ""
        if now is None or before is None:
            good, verdict = False, "is not on both sides: record anew"
        elif now > before * GROWTH_MAX:
            good, verdict = False, "grew by more than a tenth"
        elif now * GROWTH_MAX < before:
            verdict = "fell by a tenth: record it, so that it stays"
        print("%-30s %14s %14s %7s %s" % (
            name, now if now else "-", before if before else "-",
            "%.3f" % (now / before) if now and before else "-", verdict))
    return good


def read_recorded(is_to_record):
    """The counts of before; none where there is no file, or a new one is to be written over it."""
    if not os.path.exists(RECORDED):
        return {}
    with open(RECORDED) as file:
        try:
            return json.load(file)
        except ValueError as error:
            if is_to_record:
                return {}
            sys.exit("guard: %s is no JSON: %s; --record writes a new one" % (RECORDED, error))


def main():
    if sys.argv[1:] not in ([], ["--record"]):
        sys.exit(__doc__)
    recorded = read_recorded(sys.argv[1:] == ["--record"])
    counts = count()
    good = compare(counts, recorded)
    if sys.argv[1:] == ["--record"]:
        with open(RECORDED, "w") as file:
            json.dump(counts, file, indent=2)
            file.write("\n")
        print("recorded in tests/bench/guard.json")
    elif not good:
        sys.exit("guard: tests/bench/guard.py --record records what is meant to be")


main()
