"""C libraries, programs and tests with our compiler flags.

Sources may be `.c`, or `.cc` for a target that wraps a C++ library.
"""

load("//bazel:copts.bzl", "copts_for")

def profiled_cc_library(name, srcs = [], hdrs = [], deps = [], copts = [], **kwargs):
    """A cc_library of our own code.

    Args:
      name: the target's name.
      srcs: sources, and headers that nobody else may include.
      hdrs: headers for others.
      deps: libraries.
      copts: flags after the common ones.
      **kwargs: passed on to cc_library (visibility, data, testonly, ...).
    """
    native.cc_library(
        name = name,
        srcs = srcs,
        hdrs = hdrs,
        copts = copts_for(srcs) + copts,
        # A program of ours is one file: no shared library for each folder.
        linkstatic = True,
        deps = deps,
        **kwargs
    )

def profiled_cc_binary(name, srcs, deps = [], copts = [], **kwargs):
    """A cc_binary of our own code.

    Args:
      name: the program's name.
      srcs: sources.
      deps: libraries.
      copts: flags after the common ones.
      **kwargs: passed on to cc_binary (visibility, linkopts, ...).
    """
    native.cc_binary(
        name = name,
        srcs = srcs,
        copts = copts_for(srcs) + copts,
        deps = deps,
        **kwargs
    )

def profiled_cc_test(name, srcs, deps = [], copts = [], size = "small", **kwargs):
    """A cc_test with a `main` of its own: for what Criterion cannot do, such as threads under TSan.

    Args:
      name: the test's name.
      srcs: sources.
      deps: libraries.
      copts: flags after the common ones.
      size: Bazel's test size, which sets the time limit.
      **kwargs: passed on to cc_test (data, args, tags, ...).
    """
    native.cc_test(
        name = name,
        size = size,
        srcs = srcs,
        copts = copts_for(srcs) + copts,
        linkstatic = True,
        deps = deps,
        **kwargs
    )
