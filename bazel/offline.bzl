"""Local stand-ins for the archives that Bazel 4.2 would download.

Bazel ends every WORKSPACE with http_archives of the names below, and uses them
even for C alone. A repository of the same name that is declared earlier wins.
"""

def _native_rules_impl(ctx):
    ctx.file("WORKSPACE", "workspace(name = \"{}\")\n".format(ctx.name))
    ctx.file(ctx.attr.package + "/BUILD", "exports_files([\"defs.bzl\"])\n")
    ctx.file(
        ctx.attr.package + "/defs.bzl",
        "".join(["{0} = native.{0}\n".format(rule) for rule in ctx.attr.rules]),
    )

_native_rules = repository_rule(
    implementation = _native_rules_impl,
    attrs = {
        "package": attr.string(mandatory = True),
        "rules": attr.string_list(mandatory = True),
    },
    doc = "A repository whose PACKAGE/defs.bzl exports Bazel's built-in rules.",
)

_COVERAGE_BUILD = """\
package(default_visibility = ["//visibility:public"])

sh_binary(
    name = "lcov_merger",
    srcs = ["coverage_merger.py"],
)

sh_binary(
    name = "coverage_report_generator",
    srcs = ["coverage_merger.py"],
)
"""

def _coverage_tools_impl(ctx):
    ctx.file("WORKSPACE", "workspace(name = \"{}\")\n".format(ctx.name))
    ctx.symlink(ctx.attr.merger, "coverage_merger.py")
    ctx.file("BUILD", _COVERAGE_BUILD)

_coverage_tools = repository_rule(
    implementation = _coverage_tools_impl,
    attrs = {"merger": attr.label(allow_single_file = True)},
    doc = "The two programs that `bazel coverage` runs, both by one script.",
)

def offline_repositories():
    """Declares every repository that Bazel would otherwise download for C."""
    _native_rules(
        name = "rules_cc",
        package = "cc",
        rules = [
            "cc_binary",
            "cc_import",
            "cc_library",
            "cc_proto_library",
            "cc_test",
            "cc_toolchain",
            "cc_toolchain_suite",
            "fdo_prefetch_hints",
            "fdo_profile",
            "objc_library",
        ],
    )
    _native_rules(
        name = "rules_java",
        package = "java",
        rules = [
            "java_binary",
            "java_import",
            "java_library",
            "java_proto_library",
            "java_runtime",
            "java_toolchain",
        ],
    )
    _native_rules(
        name = "rules_proto",
        package = "proto",
        rules = [
            "proto_lang_toolchain",
            "proto_library",
        ],
    )
    _coverage_tools(
        name = "remote_coverage_tools",
        merger = "//bazel:coverage_merger.py",
    )
