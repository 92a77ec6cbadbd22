"""Make the shipped taxonomies from the SKOS files of the Volunteering and Social Action ontology.

    python scripts/make_taxonomies.py FOLDER > src/marketplace/data/taxonomies.json

FOLDER holds taxonomy_cause.ttl and its siblings (github volunteeringdata/standard, assets/ttl,
Open Government Licence v3.0). The files use a small, regular part of Turtle, so a few regular
expressions read them; a concept that does not fit stops the script.
"""

import json
import re
import sys
from pathlib import Path

BASE = "https://ns.volunteeringdata.io/"
# Slips of the source; they would enter the search index as words to correct others to.
SLIPS = {
    "Diabled": "Disabled",
    "Vulerable": "Vulnerable",
    "Suport": "Support",
    "accessbility": "accessibility",
    "accessbibility": "accessibility",
    "accessiblity": "accessibility",
    "Accessiblity": "Accessibility",
    "supplementory": "supplementary",
    "accomodations": "accommodations",
}
TAXONOMIES = ("cause", "skill", "requirement", "accessibility")

_CONCEPT = re.compile(r"^:(\w+)\s*\n\s+a skos:Concept ;(.*?)^\.\s*$", re.M | re.S)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@en)?')
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def _slug(name: str) -> str:
    return "-".join(_WORD.findall(name)).lower()


def _strings(body: str, predicate: str) -> list[str]:
    found = re.search(rf"skos:{predicate}\s+((?:{_STRING.pattern}[\s,]*)+)", body)
    return _STRING.sub(r"\1\n", found.group(1)).replace("\n,", "\n").split("\n") if found else []


def _clean(strings: list[str]) -> list[str]:
    return [text.strip(" ,") for text in strings if text.strip(" ,")]


def read(text: str) -> list[dict[str, object]]:
    """Read every concept of one file but the top one, in the order of the file."""
    for slip, word in SLIPS.items():
        text = re.sub(rf'(?<=["\s]){slip}\b', word, text)
    concepts: list[dict[str, object]] = []
    tops: set[str] = set()
    for name, body in _CONCEPT.findall(text):
        if "skos:topConceptOf" in body:
            tops.add(name)
            continue
        broader = re.findall(r"skos:broader\s+:(\w+)", body)
        schemes = re.findall(r"skos:inScheme\s+:(\w+)", body)
        # The accessibility file puts the parent of a leaf into its scheme.
        parents = [parent for parent in (*schemes, *broader) if parent not in {*tops, "Taxonomy"}]
        (label,) = _clean(_strings(body, "prefLabel"))
        concepts.append(
            {
                "slug": _slug(name),
                "label": label,
                "alt": _clean(_strings(body, "altLabel")),
                "definition": " ".join(_clean(_strings(body, "definition"))),
                "broader": _slug(parents[0]) if parents else None,
                "uri": BASE + name,
            }
        )
    declared = len(re.findall(r"^\s+a skos:Concept", text, re.M))
    if len(concepts) + len(tops) != declared:
        sys.exit(f"Read {len(concepts) + len(tops)} concepts of {declared}.")
    return concepts


def main(folder: Path) -> None:
    """Write all taxonomies as one JSON document."""
    taxonomies = {
        name: read((folder / f"taxonomy_{name}.ttl").read_text(encoding="utf-8"))
        for name in TAXONOMIES
    }
    for name, concepts in taxonomies.items():
        slugs = {concept["slug"] for concept in concepts}
        for concept in concepts:
            if concept["broader"] not in {None, *slugs}:
                sys.exit(f"{name}: {concept['slug']} has an unknown parent.")
    licence = "Volunteering and Social Action ontology, Open Government Licence v3.0"
    json.dump({"licence": licence, **taxonomies}, sys.stdout, ensure_ascii=False, indent=1)
    print()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
