"""Who may take a role: asked, answered, decided once a role."""
