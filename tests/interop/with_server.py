#!/usr/bin/python3
"""Runs a client against a server of its own.

usage: with_server.py SERVER CLIENT [ARGUMENT...]

The client finds the server's TCP address in PROFILED_ADDRESS, its socket in PROFILED_SOCKET. The
result is the client's; or 1 when the server does not end well on SIGTERM.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile

STOP_SECONDS_MAX = 30


def wait_for_port(server):
    """The port that the server's log names, once it serves."""
    port = None
    for line in server.stderr:
        sys.stderr.write("server: " + line)
        found = re.search(r"listening address=127\.0\.0\.1:0 port=(\d+)", line)
        if found:
            port = found.group(1)
        if line.endswith(" serving\n"):
            return port
    sys.exit("the server ended before it served")


def main():
    with tempfile.TemporaryDirectory(prefix="profiled.", dir="/tmp") as folder:
        socket = folder + "/socket"
        arguments = ["serve", "--data", folder + "/data", "--default-region", "SA"]
        arguments += ["--listen", "127.0.0.1:0", "--listen", "unix:" + socket]
        server = subprocess.Popen(
            [sys.argv[1]] + arguments, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        try:
            address = "127.0.0.1:" + wait_for_port(server)
            environment = dict(os.environ, PROFILED_ADDRESS=address, PROFILED_SOCKET=socket)
            code = subprocess.run(
                sys.argv[2:], env=environment, stdin=subprocess.DEVNULL, check=False
            ).returncode
        finally:
            server.send_signal(signal.SIGTERM)
            log = server.communicate(timeout=STOP_SECONDS_MAX)[1]
            sys.stderr.write("server: " + log.replace("\n", "\nserver: ") + "\n")
    if server.returncode != 0:
        sys.exit("the server ended with %d" % server.returncode)
    return code


if __name__ == "__main__":
    sys.exit(main())
