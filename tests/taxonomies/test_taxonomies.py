import json

import pytest

from marketplace import taxonomies
from marketplace.paths import data
from marketplace.taxonomies import ACCESSIBILITY, CAUSES, REQUIREMENTS, SKILLS
from marketplace.taxonomies.icons import ICON


def test_every_concept_of_the_ontology_is_there():
    counts = [len(each) for each in (CAUSES, SKILLS, REQUIREMENTS, ACCESSIBILITY)]
    assert counts == [45, 47, 42, 15]


def test_the_licence_travels_with_the_data():
    document = json.loads((data() / "taxonomies.json").read_text())
    assert "Open Government Licence v3.0" in document["licence"]


def test_a_concept_keeps_what_the_source_says():
    cause = CAUSES["animal-welfare"]
    assert cause.label == "Animal Welfare"
    assert cause.alt == ("Wildlife", "Pets", "Creatures", "Mammals")
    assert cause.definition.startswith("Volunteering focused on")
    assert cause.uri == "https://ns.volunteeringdata.io/AnimalWelfare"


@pytest.mark.parametrize("taxonomy", [CAUSES, SKILLS, REQUIREMENTS, ACCESSIBILITY])
def test_every_parent_exists_and_no_chain_is_a_ring(taxonomy):
    for slug in taxonomy:
        chain = taxonomies.lineage(slug, taxonomy)
        assert taxonomy[chain[-1]].broader is None


def test_no_label_is_empty_or_holds_turtle():
    for taxonomy in (CAUSES, SKILLS, REQUIREMENTS, ACCESSIBILITY):
        for concept in taxonomy.values():
            for text in (concept.label, *concept.alt):
                assert text.strip() == text != ""
                assert '"' not in text and "@en" not in text


def test_filtering_by_a_wide_cause_finds_a_narrow_one():
    assert taxonomies.tags(["mental-health"], CAUSES) == ["health", "mental-health"]
    assert taxonomies.tags(["unknown"], CAUSES) == []


def test_groups_hold_every_concept_once():
    for taxonomy in (CAUSES, SKILLS):
        listed = [c.slug for top, below in taxonomies.groups(taxonomy) for c in (top, *below)]
        assert sorted(listed) == sorted(taxonomy)


def test_synonyms_are_labels_and_alternatives_once():
    words = taxonomies.synonyms(["arts-and-culture", "community", "nonsense"])
    assert "Music" in words and "Community" in words
    assert len(words) == len(set(words))


def test_choices_are_in_the_order_people_read():
    labels = [label for _, label in taxonomies.choices(CAUSES)]
    assert labels == sorted(labels, key=str.casefold)


def test_an_unknown_slug_is_shown_as_words():
    assert taxonomies.label("mental-health") == "Mental Health"
    assert taxonomies.label("forest-bathing") == "Forest bathing"


def test_every_cause_has_an_icon():
    assert set(ICON) == set(CAUSES)
    assert (taxonomies.icon("environment"), taxonomies.icon("?")) == ("sprout", "heart")


def test_the_mappings_cannot_be_changed():
    with pytest.raises(TypeError):
        CAUSES["x"] = CAUSES["health"]
