"""How an organisation stands in the index of what is open to the public."""

from marketplace import files, listing_index, taxonomies
from marketplace.organisations.queries import Organisation

KIND = "organisation"


async def publish(organisation: Organisation) -> None:
    """List an approved organisation, or bring its listing up to date; a step."""
    causes = organisation.causes
    picture = await files.picture(organisation.image_id)
    await listing_index.publish(
        listing_index.Listing(
            kind=KIND,
            id=organisation.id,
            url=f"/organisations/{organisation.id}",
            title=organisation.name,
            summary=organisation.summary,
            body=organisation.description,
            organisation_id=organisation.id,
            town=organisation.town,
            point=organisation.point,
            icon=taxonomies.icon(causes[0]) if causes else "users",
            tags=[f"cause:{slug}" for slug in taxonomies.tags(causes, taxonomies.CAUSES)],
            synonyms=taxonomies.synonyms(causes),
            image=picture.id if picture else None,
            image_alt=picture.alt if picture else "",
        )
    )
