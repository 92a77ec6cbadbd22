"""Our mirror of the register of charities in England and Wales.

It holds what a registration form and a moderator need of the Charity Commission's public extract
(Open Government Licence v3.0), and is replaced by each import. Telephone numbers and e-mail
addresses are never stored: nothing here needs them.
"""

from marketplace.imports import Report
from marketplace.organisations.register.operations import import_charities
from marketplace.organisations.register.queries import Charity, find_charity, search_charities

__all__ = ["Charity", "Report", "find_charity", "import_charities", "search_charities"]
