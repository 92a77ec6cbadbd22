"""Typed questions and versioned answers, for whatever asks them: a round of a fund, a role.

Glossary:

- *owner*: what asks, such as a round. *Subject*: what answers, such as an application.
- *meaning*: why the product itself reads an answer (what the project is called, how much it
  asks for); most questions have none.
- *answer*: one text a question and subject, with the version it is at. A save names the version
  it saw; where another came first it is refused and both texts are shown.
- *retired*: no longer asked, kept because answers refer to it.
"""
