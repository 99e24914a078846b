"""Fuzz targets, whose corpora also run as plain tests."""

load("//bazel:cc.bzl", "profiled_cc_binary", "profiled_cc_test")

_REPLAY = "//bazel:fuzz_replay"

def fuzz_target(name, srcs, deps = [], corpus = [], tags = [], **kwargs):
    """A program round one LLVMFuzzerTestOneInput(), and a test that replays its corpus.

    NAME is a libFuzzer program under --config=fuzz. Otherwise it replays the
    files that it is given, for instance a crash that the fuzzer found.
    NAME_corpus_test replays `corpus` and the empty input, in any configuration.

    Args:
      name: the program's name.
      srcs: sources, one of which defines LLVMFuzzerTestOneInput().
      deps: libraries.
      corpus: files, usually a glob; at least one.
      tags: Bazel tags for both targets.
      **kwargs: passed on to both targets (data, visibility, ...).
    """
    if not corpus:
        fail("fuzz_target {}: the corpus is empty".format(name))

    native.filegroup(
        name = name + "_corpus",
        srcs = corpus,
    )

    profiled_cc_binary(
        name = name,
        testonly = True,
        srcs = srcs,
        linkopts = select({
            "//bazel:fuzzing": ["-fsanitize=fuzzer"],
            "//conditions:default": [],
        }),
        tags = tags + ["fuzz"],
        deps = deps + select({
            "//bazel:fuzzing": [],
            "//conditions:default": [_REPLAY],
        }),
        **kwargs
    )

    profiled_cc_test(
        name = name + "_corpus_test",
        srcs = srcs,
        args = ["$(rootpaths :{}_corpus)".format(name)],
        data = [":{}_corpus".format(name)],
        tags = tags + ["fuzz"],
        deps = deps + [_REPLAY],
        **kwargs
    )
