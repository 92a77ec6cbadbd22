"""Funding: from a fund somebody offers to an award in public.

Glossary:

- *fund*: what a funder gives money for. It owns rounds.
- *round*: one call of a fund, with a budget, a deadline, its own questions, criteria and rules of
  who may apply.
- *application*: what one organisation asks of one round; a draft until it is submitted.
- *snapshot*: the questions and answers of an application as they were when it was submitted.
- *criterion*, *assessment*, *score*: what an application is judged by, one person's judgement, and
  its points.
- *declaration*: what an assessor says of their ties to an applicant before they see anything.
- *award*: money promised to an applicant; *commitment*: its entry in the round's ledger.

Money is integer pence. A deadline is judged by the instant at which the server received the
request, and kept beside the wall time and zone in which it was announced.
"""
