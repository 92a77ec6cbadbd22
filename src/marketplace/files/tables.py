"""What is known of a picture; the picture itself lies in the store."""

from piccolo.columns import UUID, Bytea, Integer, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import not_personal, personal


class Image(Table, tablename="image"):
    """A picture of an organisation; sizes are in pixels, `bytes` counts all its renditions."""

    id = UUID(primary_key=True, default=None)
    organisation_id = UUID(default=None)
    uploaded_by = UUID(null=True, default=None)
    # It may say who is seen.
    alt = personal("third-party", keep="while the picture is shown")(Text())
    width = Integer(default=None)
    height = Integer(default=None)
    bytes = Integer(default=None)
    digest = not_personal("a fingerprint of the picture's bytes")(Bytea(default=None))
    created_at = Timestamptz(default=clock.now)
