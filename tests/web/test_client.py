import pytest
from litestar.connection import ASGIConnection

from marketplace import settings
from marketplace.web.client import client_address


@pytest.fixture(autouse=True)
def _settings():
    before = settings.current()
    yield
    settings.use(before)


def seen(peer, *forwarded, proxies=()):
    settings.amend(trusted_proxies=tuple(proxies))
    return client_address(
        ASGIConnection(
            {
                "type": "http",
                "client": (peer, 1) if peer else None,
                "headers": [(b"x-forwarded-for", one.encode()) for one in forwarded],
            }
        )
    )


def test_the_peer_counts():
    assert seen("198.51.100.7") == "198.51.100.7"


def test_a_forwarded_address_from_anybody_is_not_believed():
    assert seen("198.51.100.7", "192.0.2.1") == "198.51.100.7"


def test_a_forwarded_address_from_our_proxy_is_believed():
    assert seen("10.0.0.1", "192.0.2.1", proxies=["10.0.0.1"]) == "192.0.2.1"


def test_what_the_client_wrote_before_our_proxies_is_not_believed():
    forwarded = "203.0.113.9, 192.0.2.1, 10.0.0.2"
    assert seen("10.0.0.1", forwarded, proxies=["10.0.0.0/8"]) == "192.0.2.1"


def test_several_headers_are_read_as_one_list():
    assert seen("10.0.0.1", "203.0.113.9", "192.0.2.1", proxies=["10.0.0.1"]) == "192.0.2.1"


def test_a_proxy_that_names_nobody_counts_itself():
    assert seen("10.0.0.1", proxies=["10.0.0.1"]) == "10.0.0.1"


def test_an_ipv6_client_is_its_household():
    assert seen("2001:db8:1:2:aaaa::1") == seen("2001:db8:1:2:bbbb::2") == "2001:db8:1:2::/64"


def test_an_ipv4_address_in_ipv6_spelling_is_the_same_client():
    assert seen("::ffff:192.0.2.1") == "192.0.2.1"


@pytest.mark.parametrize("nonsense", ["", "unknown", "_hidden", "300.1.1.1", "x" * 9000])
def test_nonsense_is_one_client(nonsense):
    assert seen("10.0.0.1", nonsense, proxies=["10.0.0.1"]) == "unknown"


def test_no_peer_at_all_is_unknown():
    assert seen("") == "unknown"
