"""The way to the database: transactions, raw reads, constraints turned into sentences.

Everything the features need is here; `embedded`, `migrations` and `tags` are used by name.
"""

import os

# Piccolo finds the engine of its tables through this variable. Set, not defaulted: a value
# from somebody else's project would point our tables at their database.
os.environ["PICCOLO_CONF"] = "marketplace.db.piccolo_conf"

from marketplace.db.connecting import close_pool, connect, start_pool
from marketplace.db.deadlocks import again_on_deadlock
from marketplace.db.engine import APP_ROLE, DatabaseBusy, in_transaction, require_transaction
from marketplace.db.once import Once, Replayed, forget_old_keys
from marketplace.db.raw import (
    acquire,
    connection,
    execute,
    fetch,
    fetch_one,
    fetch_value,
    replica,
)
from marketplace.db.transactions import clashes, savepoint, transaction

__all__ = [
    "APP_ROLE",
    "DatabaseBusy",
    "Once",
    "Replayed",
    "acquire",
    "again_on_deadlock",
    "clashes",
    "close_pool",
    "connect",
    "connection",
    "execute",
    "fetch",
    "fetch_one",
    "fetch_value",
    "forget_old_keys",
    "in_transaction",
    "replica",
    "require_transaction",
    "savepoint",
    "start_pool",
    "transaction",
]
