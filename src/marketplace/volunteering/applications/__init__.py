"""Who may take a role: asked, answered, decided once a role.

Glossary:

- *screening*: what a role asks of somebody before they book: whether they apply at all, the
  questions, the references, and who or what decides.
- *application*: one person's answers for one role. A *visitor's draft* belongs to a browser's
  cookie until whoever typed it signs in.
- *rule*: approves or blocks by an answer that is chosen or counted, never by words somebody wrote.
- *referee*: somebody the applicant names; a *reference* is what the referee answers, once.
- *decision*: approved, declined or revoked, by a person or by rules, with the reason; append-only.
"""
