"""`marketplace import`: load public data."""

import click


class _Sources(click.Group):
    """The sources; each is imported when it is asked for, because its tables take a while."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the sources."""
        return ["charities"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give the command of a source; None when there is no such source."""
        if cmd_name != "charities":
            return None
        from marketplace.organisations.register.command import import_charities_command

        return import_charities_command


@click.group("import", cls=_Sources)
def import_() -> None:
    """Load public data, such as the register of charities."""
