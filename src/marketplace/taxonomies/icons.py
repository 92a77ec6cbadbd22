"""How a cause looks on a card without a photograph: a lucide icon and a colour family.

Both are ours, not the ontology's. The stylesheet says what each tint is.
"""

TINTS = ("moss", "sea", "sky", "plum", "rose", "clay", "amber", "slate")

_LOOKS: dict[str, tuple[str, str]] = {
    "animal-welfare": ("paw-print", "amber"),
    "anti-poverty": ("hand-coins", "clay"),
    "arts-and-culture": ("palette", "plum"),
    "care": ("hand-heart", "rose"),
    "civil-rights": ("scale", "slate"),
    "community": ("users", "sea"),
    "crime-safety": ("shield", "slate"),
    "crime-ex-offenders": ("key-round", "slate"),
    "development-emergency-relief": ("life-buoy", "clay"),
    "disability": ("accessibility", "sky"),
    "education-languages": ("graduation-cap", "sky"),
    "environment": ("sprout", "moss"),
    "ethnic-minorities": ("globe", "amber"),
    "families": ("house-heart", "rose"),
    "gender-sexuality": ("rainbow", "plum"),
    "general-public": ("users-round", "sea"),
    "health": ("heart-pulse", "rose"),
    "heritage": ("landmark", "clay"),
    "housing": ("house", "clay"),
    "illness": ("stethoscope", "rose"),
    "in-care": ("bed", "rose"),
    "learning-disabilities": ("puzzle", "sky"),
    "lgbt": ("rainbow", "plum"),
    "literacy-needs": ("book-open", "sky"),
    "local-authority": ("building-2", "slate"),
    "local-community": ("map-pin", "sea"),
    "lone-parents": ("baby", "rose"),
    "low-income-households": ("shopping-basket", "clay"),
    "mens-groups": ("hammer", "amber"),
    "mental-health": ("brain", "plum"),
    "offenders-and-ex-offenders": ("key-round", "slate"),
    "older-people": ("armchair", "amber"),
    "overseas-aid-developing-world": ("plane", "sea"),
    "parents": ("baby", "rose"),
    "physical-disability": ("accessibility", "sky"),
    "refugees-asylum-seekers": ("tent", "sea"),
    "religion-faith": ("church", "plum"),
    "residents-disadvantaged-neighbourhoods": ("building", "clay"),
    "sensory-impairment": ("ear", "sky"),
    "sport-outdoor-activities": ("bike", "moss"),
    "substance-abuse": ("leaf", "moss"),
    "unemployment": ("briefcase", "slate"),
    "victims-of-crime": ("umbrella", "slate"),
    "womens-groups": ("flower-2", "plum"),
    "youth-and-children": ("blocks", "amber"),
}

ICON = {cause: icon for cause, (icon, _) in _LOOKS.items()}
TINT = {cause: tint for cause, (_, tint) in _LOOKS.items()}
