"""Another e-mail address: asked for with the password, taken once a link sent there is pressed."""
