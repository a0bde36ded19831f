"""Asking the simulated kernel."""

import json
import socket

SOCKET = "/run/lab-kernel/socket"

# As kmod and the C library word them.
WORDS = {
    "EBUSY": "Device or resource busy",
    "EINVAL": "Invalid parameters",
    "ENOEXEC": "Invalid module format",
    "EEXIST": "File exists",
    "EKEYREJECTED": "Key was rejected by service",
    "ENOKEY": "Required key not available",
    "ENOENT": "Unknown symbol in module",
    "EPERM": "Operation not permitted",
}


def ask(**request):
    """None where the kernel did it, else the name of its error."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(SOCKET)
        connection.sendall((json.dumps(request) + "\n").encode())
        with connection.makefile() as answers:
            return json.loads(answers.readline())["error"]
