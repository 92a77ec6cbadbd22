"""Mail goes to a real server here."""

from tests.mail.fixtures import chosen, sink

__all__ = ["chosen", "sink"]
