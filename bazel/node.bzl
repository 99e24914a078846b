"""Node and the npm modules of bazel/tools, for tests that call the server from JavaScript.

    sh_test(
        name = "node_test",
        srcs = ["node_test.sh"],
        args = ["$(rootpath @node//:node)"],
        data = [
            "@node//:modules",
            "@node//:node",
        ],
    )

The modules lie at ../node/node_modules of a test's working folder. @node//:buf is the program buf:
run ../node/node_modules/@bufbuild/buf/bin/buf with node.
"""

_BUILD = """\
package(default_visibility = ["//visibility:public"])

exports_files(["node"])

filegroup(
    name = "modules",
    srcs = glob(
        ["node_modules/**"],
        exclude = [
            # Programs.
            "node_modules/.bin/**",
            "node_modules/@bazel/**",
            "node_modules/@bufbuild/**",
            # Bazel has no labels for them.
            "node_modules/**/* *",
        ],
    ),
)

filegroup(
    name = "buf",
    srcs = glob(["node_modules/@bufbuild/**"]),
)
"""

def _node_tools_impl(ctx):
    node = ctx.which("node")
    if not node:
        fail("@{}: node is not installed. Run bazel/setup.".format(ctx.name))
    tools = ctx.path(Label("//bazel:tools/package.json")).dirname
    modules = tools.get_child("node_modules")
    for scope in ["@bufbuild", "@grpc"]:
        if not modules.get_child(scope).exists:
            fail("@{}: {} lacks {}. Run bazel/setup.".format(ctx.name, modules, scope))
    ctx.symlink(node, "node")
    ctx.symlink(modules, "node_modules")
    ctx.file("WORKSPACE", "workspace(name = \"{}\")\n".format(ctx.name))
    ctx.file("BUILD", _BUILD)

node_tools = repository_rule(
    implementation = _node_tools_impl,
    configure = True,
    doc = "The installed node, and the modules that bazel/setup put beside bazel/tools/package.json.",
    environ = ["PATH"],
    local = True,
)
