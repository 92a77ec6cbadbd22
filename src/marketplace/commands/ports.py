"""Whether a port is free, asked before anything is started.

The web server binds with SO_REUSEPORT: two of them on one port would both start and share the
visitors between them.
"""

import errno
import socket

from marketplace.errors import CommandError


def require_free(host: str, port: int) -> None:
    """Refuse an address that we could not listen on.

    Raises:
        CommandError: the port is taken, not ours to use, or the host is not this machine.
    """
    try:
        found = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_ADDRCONFIG
        )
    except OSError as error:
        raise _not_here(host) from error
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        # Without it a port would seem taken for a minute after its last visitor left. It does
        # not let us share with a listener, as SO_REUSEPORT would.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise _taken(port) from error
            if error.errno == errno.EACCES:
                raise CommandError(
                    f"Only the system administrator may use port {port}. Choose one above 1023,"
                    " such as --port 8000."
                ) from error
            raise _not_here(host) from error
    # macOS lets a narrower address be bound beside a wider one that is taken: so also knock.
    with socket.socket(family, kind, protocol) as knock:
        knock.settimeout(1.0)
        if knock.connect_ex(address) == 0:
            raise _taken(port)


def _taken(port: int) -> CommandError:
    other = port + 1 if port < 65535 else 8000
    return CommandError(
        f"Port {port} is taken by another program. Stop that one, or choose another port, such"
        f" as --port {other}."
    )


def _not_here(host: str) -> CommandError:
    return CommandError(
        f"{host} is not an address of this machine. Use --host 127.0.0.1 for this machine only,"
        " or --host 0.0.0.0 for all of its addresses."
    )
