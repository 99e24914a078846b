"""Criterion suites as Bazel tests."""

load("//bazel:cc.bzl", "profiled_cc_test")

def criterion_test(name, srcs, deps = [], data = [], args = [], tags = [], **kwargs):
    """A test program of Criterion's own main.

    Args:
      name: the test's name.
      srcs: sources, and headers of the tests.
      deps: libraries under test; Criterion itself is added.
      data: files the tests read at run time.
      args: arguments to Criterion, such as "--filter=store/*".
      tags: Bazel tags.
      **kwargs: passed on to cc_test (size, timeout, env, visibility, ...).
    """
    profiled_cc_test(
        name = name,
        srcs = srcs,
        # Names each test as it starts, so that the log of a run cut short says
        # where it hung.
        args = ["--verbose=0"] + args,
        data = data,
        # Criterion forks and talks over its own sockets, which TSan reports.
        tags = tags + ["criterion", "no-tsan"],
        deps = deps + ["@criterion"],
        **kwargs
    )
