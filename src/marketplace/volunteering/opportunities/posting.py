"""An opportunity as search engines read it: schema.org JobPosting, which has a VOLUNTEER.

There is no type of its own for volunteering (schemaorg/schemaorg#2701).
"""

from collections.abc import Sequence
from typing import Any

from marketplace import clock, taxonomies
from marketplace.volunteering.opportunities.queries import OpportunityView, RoleView
from marketplace.volunteering.opportunities.rules import (
    ACCESS,
    EXPENSES_WORDS,
    SUPPORT,
    Expenses,
    labels,
)
from marketplace.volunteering.shifts.queries import ShiftView


def posting(
    opportunity: OpportunityView,
    roles: Sequence[RoleView],
    shifts: Sequence[ShiftView],
    *,
    site: str,
) -> dict[str, Any]:
    """Describe a public opportunity as JSON-LD; `site` is the address of this place's site."""
    page = f"{site}/opportunities/{opportunity.id}"
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "employmentType": "VOLUNTEER",
        "title": opportunity.title,
        "description": "\n\n".join(filter(None, (opportunity.summary, opportunity.description))),
        "identifier": {
            "@type": "PropertyValue",
            "name": opportunity.organisation_name,
            "value": str(opportunity.id),
        },
        "url": page,
        "directApply": True,
        "hiringOrganization": {
            "@type": "Organization",
            "name": opportunity.organisation_name,
            "url": f"{site}/organisations/{opportunity.organisation_id}",
        },
    }
    if opportunity.published_at:
        found["datePosted"] = clock.local(opportunity.published_at).date().isoformat()
    planned = [shift for shift in shifts if not shift.cancelled]
    if planned and not opportunity.flexible:
        found["validThrough"] = max(shift.starts_at for shift in planned).isoformat()
    if opportunity.place:
        address = {
            "streetAddress": opportunity.place_name,
            "addressLocality": opportunity.town,
            "postalCode": opportunity.postcode,
        }
        found["jobLocation"] = {
            "@type": "Place",
            "address": {
                "@type": "PostalAddress",
                **{name: words for name, words in address.items() if words},
                "addressCountry": "GB",
            },
        }
    if opportunity.remote:
        found["jobLocationType"] = "TELECOMMUTE"
        found["applicantLocationRequirements"] = {"@type": "Country", "name": "United Kingdom"}
    skills = {slug for role in roles for slug in role.skills} | set(opportunity.skills)
    if skills:
        found["skills"] = ", ".join(sorted(taxonomies.label(slug) for slug in skills))
    if opportunity.causes:
        found["industry"] = ", ".join(taxonomies.label(slug) for slug in opportunity.causes)
    benefits = [
        *([EXPENSES_WORDS[opportunity.expenses_paid]] if _pays(opportunity) else []),
        *labels(opportunity.access, ACCESS),
        *labels(opportunity.support, SUPPORT),
    ]
    if benefits:
        found["jobBenefits"] = ". ".join(benefits)
    return found


def _pays(opportunity: OpportunityView) -> bool:
    return opportunity.expenses_paid in {Expenses.ALL, Expenses.TRAVEL}
