"""The address of the last message; migration 0026 makes it."""

from piccolo.columns import UUID, Bytea, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import personal


class Farewell(Table):
    """Where the last message to somebody who left goes, sealed; `id` is the person's."""

    id = UUID(primary_key=True, default=None)
    sealed = personal("subject", keep="until the last message is sent, at most 7 days")(Bytea())
    at = Timestamptz(default=clock.now)
