"""The distribution's installed libraries and protos as external repositories.

Nothing is downloaded. A library that is not installed stops the build with the
name of the Debian package that has it; `bazel/setup` installs them all.
"""

def _fail_missing(ctx, what):
    fail("@{}: {}. Install the Debian package {}, or run bazel/setup.".format(
        ctx.name,
        what,
        ctx.attr.debian,
    ))

_LIBRARY_BUILD = """\
cc_library(
    name = "{name}",
    hdrs = glob(["include/**/*.h"]),
    defines = {defines},
    includes = {includes},
    linkopts = {linkopts},
    visibility = ["//visibility:public"],
)
"""

def _write_library(ctx, defines, includes, linkopts):
    ctx.file("WORKSPACE", "workspace(name = \"{}\")\n".format(ctx.name))
    ctx.file("BUILD", _LIBRARY_BUILD.format(
        name = ctx.name,
        defines = repr(defines),
        includes = repr(includes),
        linkopts = repr(linkopts),
    ))

def _pkg_config(ctx, option):
    """The words that pkg-config prints for this module."""
    tool = ctx.which("pkg-config")
    if not tool:
        fail("pkg-config is not installed. Run bazel/setup.")
    result = ctx.execute([tool, option, ctx.attr.module])
    if result.return_code != 0:
        _fail_missing(ctx, "pkg-config {} {} failed".format(option, ctx.attr.module))
    return [word for word in result.stdout.strip().split(" ") if word]

def _pkg_config_library_impl(ctx):
    if ctx.attr.version_min:
        _pkg_config(ctx, "--atleast-version=" + ctx.attr.version_min)
    defines = []
    includes = []
    for flag in _pkg_config(ctx, "--cflags"):
        if flag.startswith("-D"):
            defines.append(flag[len("-D"):])
        elif flag.startswith("-I") and flag != "-I/usr/include":
            # Bazel refuses absolute include paths, but follows a link.
            path = flag[len("-I"):]
            link = "include/" + path.strip("/").replace("/", "_")
            ctx.symlink(path, link)
            includes.append(link)
    _write_library(ctx, defines, includes, ctx.attr.linkopts or _pkg_config(ctx, "--libs"))

_pkg_config_library = repository_rule(
    implementation = _pkg_config_library_impl,
    attrs = {
        "debian": attr.string(mandatory = True, doc = "The package that has it."),
        "linkopts": attr.string_list(doc = "Instead of what pkg-config --libs says."),
        "module": attr.string(mandatory = True, doc = "pkg-config's name for it."),
        "version_min": attr.string(),
    },
    configure = True,
    doc = "A library that pkg-config knows.",
    environ = ["PKG_CONFIG_PATH"],
    local = True,
)

def _plain_library_impl(ctx):
    if not ctx.path("/usr/include/" + ctx.attr.header).exists:
        _fail_missing(ctx, "/usr/include/{} is missing".format(ctx.attr.header))
    _write_library(ctx, [], [], ctx.attr.linkopts)

_plain_library = repository_rule(
    implementation = _plain_library_impl,
    attrs = {
        "debian": attr.string(mandatory = True, doc = "The package that has it."),
        "header": attr.string(mandatory = True, doc = "One of its headers, below /usr/include."),
        "linkopts": attr.string_list(mandatory = True),
    },
    configure = True,
    doc = "A library that comes without a pkg-config file.",
    local = True,
)

_PROTO_BUILD_HEAD = """\
load("@profiled//bazel:proto.bzl", "c_proto_library")

package(default_visibility = ["//visibility:public"])
"""

_PROTO_BUILD_TARGETS = """
proto_library(
    name = "{name}_proto",
    srcs = ["{path}"],
    deps = {proto_deps},
)

c_proto_library(
    name = "{name}_c_proto",
    proto = ":{name}_proto",
    deps = {c_proto_deps},
)
"""

def _proto_targets(name, path, deps):
    """The BUILD text of NAME_proto and NAME_c_proto; deps are labels without these endings."""
    return _PROTO_BUILD_TARGETS.format(
        name = name,
        path = path,
        proto_deps = repr([dep + "_proto" for dep in deps]),
        c_proto_deps = repr([dep + "_c_proto" for dep in deps]),
    )

def _is_for_go(line):
    """Whether a line of a proto concerns Go's code generator alone."""
    return (
        line.startswith("option go_package") or
        line.startswith("option (gogoproto.") or
        line.startswith("import \"gogoproto/")
    )

def _system_protos_impl(ctx):
    build = _PROTO_BUILD_HEAD
    for name, path in ctx.attr.protos.items():
        installed = ctx.path("{}/{}".format(ctx.attr.root, path))
        if not installed.exists:
            _fail_missing(ctx, "{} is missing".format(installed))
        ctx.file(path, "\n".join([
            line
            for line in ctx.read(installed).split("\n")
            if not _is_for_go(line)
        ]))
        build += _proto_targets(name, path, ctx.attr.deps.get(name, []))
    ctx.file("WORKSPACE", "workspace(name = \"{}\")\n".format(ctx.name))
    ctx.file("BUILD", build)

_system_protos = repository_rule(
    implementation = _system_protos_impl,
    attrs = {
        "debian": attr.string(mandatory = True, doc = "The package that has them."),
        "deps": attr.string_list_dict(doc = "What a proto imports, as labels without _proto."),
        "protos": attr.string_dict(mandatory = True, doc = "Name to import path."),
        "root": attr.string(mandatory = True, doc = "The folder that import paths begin at."),
    },
    configure = True,
    doc = "Installed protos, each as NAME_proto and NAME_c_proto.",
    local = True,
)

_WELL_KNOWN_TYPES = [
    "any",
    "descriptor",
    "duration",
    "empty",
    "field_mask",
    "struct",
    "timestamp",
    "wrappers",
]

# protobuf-c 1.4 generates the right code for proto3 `optional` (the oneof of one
# field that it is) but does not tell protoc so, which then refuses the file.
# The plugin's answer is a CodeGeneratorResponse: appending two bytes to it sets
# field 2, supported_features, to 1, FEATURE_PROTO3_OPTIONAL.
_PROTOC_GEN_C = """\
#!/bin/sh
{plugin} "$@" && printf '\\020\\001'
"""

def _system_protobuf_impl(ctx):
    tools = {}
    for tool, debian in {
        "protoc": "protobuf-compiler",
        "protoc-gen-c": "protobuf-c-compiler",
    }.items():
        tools[tool] = ctx.which(tool)
        if not tools[tool]:
            fail("{0} is not installed. Install the Debian package {1}, or run bazel/setup.".format(
                tool,
                debian,
            ))
    ctx.symlink(tools["protoc"], "protoc")
    ctx.file("protoc-gen-c", _PROTOC_GEN_C.format(plugin = tools["protoc-gen-c"]))

    build = _PROTO_BUILD_HEAD + """
exports_files([
    "protoc",
    "protoc-gen-c",
])
"""
    for name in _WELL_KNOWN_TYPES:
        path = "google/protobuf/{}.proto".format(name)
        installed = ctx.path("/usr/include/" + path)
        if not installed.exists:
            _fail_missing(ctx, "{} is missing".format(installed))
        ctx.symlink(installed, path)
        build += _proto_targets(name, path, [])
    ctx.file("WORKSPACE", "workspace(name = \"{}\")\n".format(ctx.name))
    ctx.file("BUILD", build)

_system_protobuf = repository_rule(
    implementation = _system_protobuf_impl,
    attrs = {"debian": attr.string(mandatory = True, doc = "The package of the well-known types.")},
    configure = True,
    doc = "protoc, protoc-gen-c, and the well-known types as NAME_proto and NAME_c_proto.",
    local = True,
)

def system_libraries():
    """Declares every library and proto that we take from the distribution."""
    _pkg_config_library(
        name = "grpc",
        debian = "libgrpc-dev",
        # grpc.pc names sixty libraries of its own that a C program never calls.
        linkopts = [
            "-lgrpc",
            "-lgpr",
        ],
        module = "grpc",
    )
    _pkg_config_library(
        name = "protobuf_c",
        debian = "libprotobuf-c-dev",
        module = "libprotobuf-c",
        version_min = "1.4",
    )
    _pkg_config_library(
        name = "lmdb",
        debian = "liblmdb-dev",
        module = "lmdb",
    )
    _pkg_config_library(
        name = "sodium",
        debian = "libsodium-dev",
        module = "libsodium",
    )
    _pkg_config_library(
        name = "criterion",
        debian = "libcriterion-dev",
        module = "criterion",
        version_min = "2.4",
    )
    _pkg_config_library(
        name = "idn2",
        debian = "libidn2-dev",
        module = "libidn2",
    )
    _pkg_config_library(
        name = "utf8proc",
        debian = "libutf8proc-dev",
        module = "libutf8proc",
    )
    _pkg_config_library(
        name = "jansson",
        debian = "libjansson-dev",
        module = "jansson",
    )
    _pkg_config_library(
        name = "pcre2",
        debian = "libpcre2-dev",
        module = "libpcre2-8",
    )
    _pkg_config_library(
        name = "absl_time",
        debian = "libabsl-dev",
        # pkg-config names what these two are made of as well.
        linkopts = [
            "-labsl_time",
            "-labsl_time_zone",
        ],
        module = "absl_time",
    )
    _plain_library(
        name = "roaring",
        debian = "libroaring-dev",
        header = "roaring/roaring.h",
        linkopts = ["-lroaring"],
    )
    _plain_library(
        name = "csv",
        debian = "libcsv-dev",
        header = "csv.h",
        linkopts = ["-lcsv"],
    )

    # Peers of the benchmark.
    _pkg_config_library(
        name = "libpq",
        debian = "libpq-dev",
        module = "libpq",
    )
    _pkg_config_library(
        name = "hiredis",
        debian = "libhiredis-dev",
        module = "hiredis",
    )
    _pkg_config_library(
        name = "sqlite3",
        debian = "libsqlite3-dev",
        module = "sqlite3",
    )

    # C++: for the one target that gives it a C face.
    _plain_library(
        name = "phonenumber",
        debian = "libphonenumber-dev",
        header = "phonenumbers/phonenumberutil.h",
        linkopts = [
            "-lphonenumber",
            "-lstdc++",
        ],
    )

    _system_protobuf(
        name = "com_google_protobuf",
        debian = "libprotobuf-dev",
    )
    _system_protos(
        name = "grpc_proto",
        debian = "grpc-proto",
        protos = {
            "health": "grpc/health/v1/health.proto",
            "reflection_v1": "grpc/reflection/v1/reflection.proto",
            "reflection_v1alpha": "grpc/reflection/v1alpha/reflection.proto",
        },
        root = "/usr/share/grpc-proto",
    )
    _system_protos(
        name = "google_rpc",
        debian = "golang-github-gogo-googleapis-dev",
        deps = {
            "error_details": ["@com_google_protobuf//:duration"],
            "status": ["@com_google_protobuf//:any"],
        },
        protos = {
            "code": "google/rpc/code.proto",
            "error_details": "google/rpc/error_details.proto",
            "status": "google/rpc/status.proto",
        },
        root = "/usr/share/gocode/src/github.com/gogo/googleapis",
    )
