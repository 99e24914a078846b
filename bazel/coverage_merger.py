#!/usr/bin/python3
"""Stands in for Bazel's CoverageOutputGenerator, a Java tool that it would download.

As the per-test merger it turns the *.gcov.json.gz that collect_cc_coverage.sh
left in --coverage_dir into one lcov file. As the report generator (which gets
--reports_file) it adds up the lcov files of all tests.
"""

import collections
import glob
import gzip
import json
import os
import re
import sys


def parse_args(argv):
    args = collections.defaultdict(list)
    for arg in argv:
        key, _, value = arg.lstrip("-").partition("=")
        args[key].append(value)
    return args


def read_gcov(path, lines, functions):
    with gzip.open(path) as f:
        data = json.load(f)
    for source in data["files"]:
        name = source["file"]
        for line in source["lines"]:
            lines[name][line["line_number"]] += line["count"]
        for fn in source["functions"]:
            functions[name].setdefault(fn["name"], [fn["start_line"], 0])
            functions[name][fn["name"]][1] += fn["execution_count"]


def read_lcov(path, lines, functions):
    name = None
    with open(path) as f:
        for row in f:
            tag, _, rest = row.strip().partition(":")
            if tag == "SF":
                name = rest
            elif tag == "FN":
                line, fn = rest.split(",", 1)
                functions[name].setdefault(fn, [int(line), 0])
            elif tag == "FNDA":
                count, fn = rest.split(",", 1)
                functions[name].setdefault(fn, [0, 0])[1] += int(count)
            elif tag == "DA":
                line, count = rest.split(",")[:2]
                lines[name][int(line)] += int(count)


def write_lcov(path, lines, functions):
    with open(path, "w") as out:
        for name in sorted(lines):
            out.write("SF:%s\n" % name)
            for fn, (line, _) in sorted(functions[name].items()):
                out.write("FN:%d,%s\n" % (line, fn))
            for fn, (_, count) in sorted(functions[name].items()):
                out.write("FNDA:%d,%s\n" % (count, fn))
            hit = 0
            for line, count in sorted(lines[name].items()):
                out.write("DA:%d,%d\n" % (line, count))
                hit += count > 0
            out.write("LH:%d\nLF:%d\nend_of_record\n" % (hit, len(lines[name])))


def main():
    args = parse_args(sys.argv[1:])
    lines = collections.defaultdict(lambda: collections.defaultdict(int))
    functions = collections.defaultdict(dict)
    if args["reports_file"]:
        with open(args["reports_file"][0]) as f:
            for path in f.read().split():
                if path.endswith(".dat") and os.path.exists(path):
                    read_lcov(path, lines, functions)
    else:
        for path in glob.glob(args["coverage_dir"][0] + "/**/*.gcov.json.gz", recursive=True):
            read_gcov(path, lines, functions)
        # Keep what the manifest of instrumented sources names.
        manifest = set()
        if args["source_file_manifest"]:
            with open(args["source_file_manifest"][0]) as f:
                manifest = set(f.read().split())
        drop = [re.compile(p) for p in args["filter_sources"]]
        for name in list(lines):
            if (manifest and name not in manifest) or any(p.fullmatch(name) for p in drop):
                del lines[name]
    write_lcov(args["output_file"][0], lines, functions)


main()
