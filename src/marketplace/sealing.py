"""Sealing what only its reader should see: a copy of the database alone does not tell it.

The key is made of SECRET_KEY and a purpose. Where that secret is changed, what was sealed before
is lost: seal only what its owner can write again.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from marketplace import settings


def _box(purpose: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=f"sealed:{purpose}".encode())
    secret = settings.current().secret_key.encode()
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret)))


def seal(purpose: str, text: str) -> bytes:
    """Seal a text; the same text is sealed differently each time."""
    return _box(purpose).encrypt(text.encode())


def unseal(purpose: str, sealed: bytes) -> str | None:
    """Open what was sealed for that purpose; None where the secret is not the same any more."""
    try:
        return _box(purpose).decrypt(sealed).decode()
    except InvalidToken:
        return None
