"""Benchmarks: built and run by name, never by `//...`."""

load("//bazel:cc.bzl", "profiled_cc_binary")

def bench(name, srcs, deps = [], tags = [], **kwargs):
    """A benchmark program. Run it with `bazel run --config=release //tests/bench:NAME`.

    Args:
      name: the program's name.
      srcs: sources.
      deps: libraries.
      tags: Bazel tags.
      **kwargs: passed on to cc_binary (data, args, ...).
    """
    profiled_cc_binary(
        name = name,
        testonly = True,
        srcs = srcs,
        tags = tags + ["bench", "manual"],
        deps = deps,
        **kwargs
    )
