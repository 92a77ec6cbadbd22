"""`marketplace import`: load public data."""

import click


class _Sources(click.Group):
    """The sources; each is imported when it is asked for, because its tables take a while."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the sources."""
        return ["charities", "postcodes", "volunteering"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give the command of a source; None when there is no such source."""
        if cmd_name == "charities":
            from marketplace.organisations.register.command import import_charities_command

            return import_charities_command
        if cmd_name == "postcodes":
            from marketplace.places.directory.command import import_postcodes_command

            return import_postcodes_command
        if cmd_name == "volunteering":
            from marketplace.volunteering.feeds.command import import_volunteering_command

            return import_volunteering_command
        return None


@click.group("import", cls=_Sources)
def import_() -> None:
    """Load public data: the register of charities, the postcodes of the country."""
