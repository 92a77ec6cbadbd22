"""Under-18s: their guardian's consent, the adult named for a role, and what speaks against a place.

A person's age is judged at the day of the shift. Adults who gave no birth date tick that they are
18 or over, where a role has a minimum age; whoever is younger gives their birth date, and then
the date decides and nothing is ticked.

Glossary:

- *birth date*: shown to its person alone. Organisations see an *age band*.
- *young person*: somebody who is under 18 on the day in question, by the birth date they gave.
- *guardian*: an adult with parental responsibility. They answer a signed link, with an account at
  the very address the young person named: copies of messages need a reader.
- *consent*: of one guardian, for one role or all roles of one organisation, until a day at most
  12 months away and never after the 18th birthday. Without one there is no place.
- *named adult*: a member of the organisation who answers for the young people of a role.
"""
