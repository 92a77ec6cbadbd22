"""Steps on sessions that several operations share.

A session is inserted once and updated or deleted after that, never upserted: what sign-out
deleted stays deleted, whatever request is still under way.
"""

import hashlib
import secrets
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.rules import SEEN_EVERY, session_end
from marketplace.accounts.tables import Session
from marketplace.ids import new_id

TOKEN_LENGTH = 43
_LONGEST_DEVICE = 100


def hash_of(token: str) -> bytes:
    """Give what is stored of a token. Tokens are random, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def new_token() -> str:
    """Make a token of 32 random bytes."""
    return secrets.token_urlsafe(32)


async def open_session(person_id: UUID, device: str) -> str:
    """Start a session and give its token, which is stored nowhere; a step."""
    db.require_transaction()
    token, now = new_token(), clock.now()
    await Session(
        id=new_id(),
        person_id=person_id,
        token_hash=hash_of(token),
        device=device[:_LONGEST_DEVICE],
        created_at=now,
        seen_at=now,
        expires_at=session_end(now, now),
    ).save()
    return token


async def rotate(session_id: UUID) -> str | None:
    """Give a session a new token; None when it ended meanwhile; a step.

    Its id stays, so that forms open in other tabs of the same browser stay good.
    """
    db.require_transaction()
    token = new_token()
    touched = await db.execute(
        "UPDATE session SET token_hash = {} WHERE id = {}", hash_of(token), session_id
    )
    return token if touched else None


async def close(session_id: UUID, person_id: UUID) -> int:
    """End one session of a person; gives how many ended; a step."""
    db.require_transaction()
    return await db.execute(
        "DELETE FROM session WHERE id = {} AND person_id = {}", session_id, person_id
    )


async def close_all(person_id: UUID, *, but: UUID | None = None) -> int:
    """End the sessions of a person, except one; gives how many ended; a step."""
    db.require_transaction()
    return await db.execute(
        "DELETE FROM session WHERE person_id = {} AND id IS DISTINCT FROM {}::uuid", person_id, but
    )


async def touch(token_hash: bytes) -> None:
    """Note that a session is in use, at most every five minutes; a statement of its own."""
    now = clock.now()
    row = await db.fetch_one(
        "SELECT created_at FROM session WHERE token_hash = {} AND seen_at < {} AND expires_at > {}",
        token_hash,
        now - SEEN_EVERY,
        now,
    )
    if row:
        await db.execute(
            "UPDATE session SET seen_at = {}, expires_at = {} WHERE token_hash = {}"
            " AND seen_at < {}",
            now,
            session_end(row["created_at"], now),
            token_hash,
            now,
        )
