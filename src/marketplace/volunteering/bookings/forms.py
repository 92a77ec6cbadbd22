"""The shape of a booking."""

from marketplace.web.forms import Form, Tick


class BookingForm(Form):
    """The person's word that they have the role's age, where it has one."""

    old_enough: Tick = False
