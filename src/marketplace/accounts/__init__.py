"""People: how they join, prove who they are, stay signed in, and say who they are.

Glossary: a *person* is a row with an e-mail address, *confirmed* once they opened a link sent to
it. A *session* is one browser in which a person is signed in; its *token* lies in that browser
only. The *credential version* of a person rises with their password, and every link in older mail
dies with it. *Onward* is the address a newcomer wanted before we asked them to join. The *joining
cookie* marks the browser in which somebody signed up, so that confirming there also signs in.
"""
