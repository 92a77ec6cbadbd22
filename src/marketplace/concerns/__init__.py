"""Concerns about somebody's safety, from whoever has one to the few who may know of it.

Glossary:

- *concern*: what somebody wrote because they are worried about a person. Its text is in no mail, no
  log and no history. It is kept when an account ends: a safeguarding record is kept on the ground
  of the public interest (UK GDPR, article 6(1)(e) and Data Protection Act 2018, schedule 1,
  paragraph 18), for as long as the organisation's policy says.
- *reader*: the organisation's safeguarding lead and deputy; the place's lead instead of them where
  it may be about them or nobody is named, and beside them once nobody looked for a day.
- *code*: what whoever raised it needs to read answers and to add to it. We keep its hash only.
"""
