"""Leaving: an account ends, and whose it was is forgotten.

Hours, awards and what has to be kept stay, as those of "Somebody who left". What stands in the
way, what is given back first and which locks that takes are said by the features above, each in
its own `leaving` module; what columns are emptied is said by the database (migration 0026), so
that no verb that ends an account can forget one.
"""
