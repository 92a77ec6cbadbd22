"""Messages to addresses: rendered, delivered once, remembered without text and address.

Delivery
    The fact that a message with a certain key was accepted, or refused for good.
Transport
    Where messages go: an SMTP server, a folder of .eml files (the demo), or nowhere.
"""

from marketplace.mail.sending import Attachment, Mail, Recipient, Temporary, send

__all__ = ["Attachment", "Mail", "Recipient", "Temporary", "send"]
