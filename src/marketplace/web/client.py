"""Who is at the other end of the connection, for counting tries."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from litestar.connection import ASGIConnection

from marketplace import settings

_Address = IPv4Address | IPv6Address


def client_address(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Give the address a request comes from; an IPv6 one stands for its /64, which is one home.

    A forwarded address is believed only where a proxy named in the settings wrote it: the list is
    read from the right, and the first address that is not such a proxy counts.
    """
    peer = connection.client.host if connection.client else ""
    if not _trusted(peer):
        return _household(peer)
    found = peer
    for header in connection.headers.getall("x-forwarded-for", [])[::-1]:
        for hop in reversed(header.split(",")):
            found = hop.strip()
            if not _trusted(found):
                return _household(found)
    return _household(found)


def _parsed(text: str) -> _Address | None:
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _trusted(text: str) -> bool:
    """Tell whether a peer is a configured proxy; a name, such as that of a socket, counts too."""
    proxies = settings.current().trusted_proxies
    if text in proxies:
        return True
    if (address := _parsed(text)) is None:
        return False
    for proxy in proxies:
        try:
            network = ip_network(proxy, strict=False)
        except ValueError:
            continue
        if address in network:
            return True
    return False


def _household(text: str) -> str:
    address = _parsed(text)
    if address is None:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address)
