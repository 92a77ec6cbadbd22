"""People without e-mail: a broker signs them up, books for them, and tells them by letter or phone.

Glossary:

- *assisted*: signed up by a broker, with what they agreed to, when, and whether by voice or on
  paper. What the broker does for them is recorded under both names.
- *to tell*: what anybody else would have got by mail; a broker tells it and ticks it off.
"""
