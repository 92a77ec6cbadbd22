"""Pictures: checked, made anew, kept in a store, served; whose they are is the features' matter.

Glossary: a *picture* (table `image`) is what an organisation shows of something, with words for
those who cannot see it. A *rendition* is one of its sizes. The *store* is a folder or a bucket.
A picture never changes: another one takes its place.

To give something a picture: a column `image_id uuid REFERENCES image (id)` with an index, and a
verb that wraps its transaction in `replacing()` (see `things/pictures`); `pages` has its pages.
"""

from marketplace.files.operations import Replacement, replacing
from marketplace.files.queries import Picture, picture

__all__ = ["Picture", "Replacement", "picture", "replacing"]
