"""Runs inside of a box: leads connections to a port of the box to the gate's socket, and runs the build.

Run as a script by the build's own interpreter, which may be older than trued's, so nothing of trued is
imported here. It decides nothing: what may pass is decided outside.
"""

import os
import socket
import subprocess
import sys
import threading


def pour(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes until it ends."""
    try:
        while True:
            piece = source.recv(65536)
            if not piece:
                break
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for one in (source, target):
            one.close()


def lead(near: socket.socket, path: str) -> None:
    """Join one connection with the gate."""
    far = socket.socket(socket.AF_UNIX)
    far.connect(path)
    threading.Thread(target=pour, args=(far, near), daemon=True).start()
    pour(near, far)


def serve(listener: socket.socket, path: str) -> None:
    """Take connections for as long as the build runs."""
    while True:
        near, _ = listener.accept()
        threading.Thread(target=lead, args=(near, path), daemon=True).start()


def main(path: str, argv: "list[str]") -> int:
    """Run *argv* with the proxy's address in its environment and return its exit status."""
    listener = socket.socket(socket.AF_INET)
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    threading.Thread(target=serve, args=(listener, path), daemon=True).start()
    proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
    names = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
    status = subprocess.call(argv, env={**os.environ, **dict.fromkeys(names, proxy)})
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
