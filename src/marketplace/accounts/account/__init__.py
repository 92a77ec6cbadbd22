"""The pages on which signed-in people look after their own account."""
