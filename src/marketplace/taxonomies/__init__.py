"""The sector's own words: causes, skills, requirements and accessibility.

They are the SKOS taxonomies of the Volunteering and Social Action ontology (Open Government
Licence v3.0), shipped as `data/taxonomies.json` by `scripts/make_taxonomies.py`. A row in the
database holds a slug; the URI is what an open-data feed publishes.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from marketplace.paths import data
from marketplace.taxonomies.icons import ICON


@dataclass(frozen=True, slots=True)
class Concept:
    """One term; `broader` is the slug of its parent, None directly under the taxonomy's top."""

    slug: str
    label: str
    alt: tuple[str, ...]
    definition: str
    broader: str | None
    uri: str


def _read() -> dict[str, Mapping[str, Concept]]:
    document = json.loads((data() / "taxonomies.json").read_text(encoding="utf-8"))
    return {
        name: MappingProxyType(
            {row["slug"]: Concept(**{**row, "alt": tuple(row["alt"])}) for row in rows}
        )
        for name, rows in document.items()
        if name != "licence"
    }


_ALL = _read()
CAUSES: Mapping[str, Concept] = _ALL["cause"]
SKILLS: Mapping[str, Concept] = _ALL["skill"]
REQUIREMENTS: Mapping[str, Concept] = _ALL["requirement"]
ACCESSIBILITY: Mapping[str, Concept] = _ALL["accessibility"]

_EVERY: Mapping[str, Concept] = MappingProxyType(
    {slug: concept for taxonomy in reversed(_ALL.values()) for slug, concept in taxonomy.items()}
)


def label(slug: str) -> str:
    """Name a slug of any taxonomy in words; an unknown one is shown as its words."""
    concept = _EVERY.get(slug)
    return concept.label if concept else slug.replace("-", " ").capitalize()


def choices(taxonomy: Mapping[str, Concept]) -> list[tuple[str, str]]:
    """Give (slug, label) for checkboxes, ordered by label."""
    pairs = [(slug, concept.label) for slug, concept in taxonomy.items()]
    return sorted(pairs, key=lambda pair: pair[1].casefold())


def groups(taxonomy: Mapping[str, Concept]) -> list[tuple[Concept, list[Concept]]]:
    """Give each top term with the terms below it at any depth, in the order of the source."""
    below: dict[str, list[Concept]] = {
        slug: [] for slug, concept in taxonomy.items() if concept.broader is None
    }
    for concept in taxonomy.values():
        if concept.broader is not None:
            below[lineage(concept.slug, taxonomy)[-1]].append(concept)
    return [(taxonomy[slug], concepts) for slug, concepts in below.items()]


def lineage(slug: str, taxonomy: Mapping[str, Concept]) -> list[str]:
    """Give the slug and those it belongs under, the widest last; empty for an unknown slug."""
    chain: list[str] = []
    at: str | None = slug
    while at is not None and at in taxonomy:
        chain.append(at)
        at = taxonomy[at].broader
    return chain


def tags(slugs: Iterable[str], taxonomy: Mapping[str, Concept]) -> list[str]:
    """Widen slugs by those above them, so that filtering by Health finds Mental Health."""
    return sorted({wider for slug in slugs for wider in lineage(slug, taxonomy)})


def synonyms(slugs: Iterable[str]) -> list[str]:
    """Give labels and alternative labels of the slugs, for the search index."""
    words: dict[str, None] = {}
    for slug in slugs:
        if concept := _EVERY.get(slug):
            words |= dict.fromkeys((concept.label, *concept.alt))
    return list(words)


def icon(cause: str) -> str:
    """Name the lucide icon of a cause; a heart for an unknown one."""
    return ICON.get(cause, "heart")
