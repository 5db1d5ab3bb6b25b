"""Says in one sentence when the port is taken."""

import socket
import sys

port = int(sys.argv[1])
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("", port))
    except OSError:
        sys.exit(f"Port {port} is taken; stop what uses it, or choose another: make run PORT={port + 1}")
