"""Says in one sentence when the port is taken, or is none."""

import socket
import sys

if not (sys.argv[1].isdecimal() and 0 < int(sys.argv[1]) < 65536):
    sys.exit(f"A port is a number from 1 to 65535, not {sys.argv[1]}: make run PORT=8502")
port = int(sys.argv[1])
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("", port))
    except OSError:
        sys.exit(f"Port {port} is taken; stop what uses it, or choose another: make run PORT={port + 1}")
