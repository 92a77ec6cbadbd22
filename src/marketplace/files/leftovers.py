"""Objects of the store that no row names: what a crash left between the two."""

import re
from datetime import timedelta
from uuid import UUID

from marketplace import clock, db
from marketplace.files import store

# Longer than any upload takes: what is younger may be in the middle of becoming a picture.
AFTER = timedelta(hours=24)
_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


async def forget(folder: str, tail: str, used: str) -> int:
    """Delete the objects of a folder whose id no row has; gives how many.

    An object is named `folder/id` and `tail`, a pattern, `.webp`; any other is left alone. `used`
    is a statement that gives, of some ids, those that rows have.
    """
    name = re.compile(rf"{folder}/({_ID}){tail}\.webp")
    gone = 0
    async for page in store.every(folder):
        old = {
            each.name: UUID(found[1])
            for each in page
            if each.at < clock.now() - AFTER and (found := name.fullmatch(each.name))
        }
        rows = await db.fetch(used, list(set(old.values())))
        kept = {id for row in rows for id in row.values()}
        left = [each for each, id in old.items() if id not in kept]
        await store.delete(left)
        gone += len(left)
    return gone
