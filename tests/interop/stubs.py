"""Python modules made from protos as users of grpcio make them, with Debian's grpc_tools."""

import importlib
import sys
import tempfile

from grpc_tools import protoc

HEALTH = "/usr/share/grpc-proto/grpc/health/v1"
REFLECTION = "/usr/share/grpc-proto/grpc/reflection/v1"
RPC = "/usr/share/gocode/src/github.com/gogo/googleapis/google/rpc"

_folder = tempfile.TemporaryDirectory(prefix="stubs.")
sys.path.insert(0, _folder.name)


def generate(root, files):
    """Makes the modules of the files under a root.

    The protos of `grpc` and `google.rpc` are made with their own folder as the root: modules of
    packages with these names would hide grpcio's own.
    """
    arguments = ["protoc", "-I" + root, "-I/usr/include"]
    arguments += ["--python_out=" + _folder.name, "--grpc_python_out=" + _folder.name]
    if protoc.main(arguments + files) != 0:
        sys.exit("grpc_tools can't read the protos of " + root)


def load(name):
    """The messages and the stubs of a proto, named as its path with dots."""
    return importlib.import_module(name + "_pb2"), importlib.import_module(name + "_pb2_grpc")
