"""What can go wrong, in words a person can act on.

Each class is mapped to one HTTP status in `marketplace.web.errors` and nowhere else.
Messages are whole sentences: they are shown as they stand.
"""


class MarketplaceError(Exception):
    """Say in one sentence what went wrong and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(MarketplaceError):
    """The thing does not exist, or the actor may not know that it does."""

    def __init__(self, message: str = "We cannot find that page.") -> None:
        super().__init__(message)


class NotAllowed(MarketplaceError):
    """The actor may see the thing but may not do this to it."""

    def __init__(self, message: str = "Your role does not let you do this.") -> None:
        super().__init__(message)


class SignInRequired(MarketplaceError):
    """Only a signed-in person may do this."""

    def __init__(self, message: str = "Sign in to do this.") -> None:
        super().__init__(message)


class BadInput(MarketplaceError):
    """The request cannot be read at all; a form mistake is a value, not an exception."""


class Conflict(MarketplaceError):
    """A rule says not now; `field` names the form field the message belongs beside."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class IllegalMove(Conflict):
    """The thing is not in a state from which this is possible."""


class TooMany(MarketplaceError):
    """Too many tries; `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class CommandError(MarketplaceError):
    """A command cannot go on; the command line prints the sentence and exits with the code."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
