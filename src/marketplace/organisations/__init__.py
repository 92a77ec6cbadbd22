"""Organisations of the place, who belongs to them, and how they come to be trusted.

Glossary: an *organisation* is a charity, a group or a public body that registered here. Its
*registration* moves from draft through a *moderator* to approved; only then is anything of it
public. A *membership* gives one person one role in it; an *owner* answers for it, and it always
has one. An *invitation* is a membership offered to an e-mail address. The *workspace* is the
pages its members work on, under /manage. The *register* is our copy of the charity register.
"""
