"""The way in: the home page, and one page that searches everything open to the public."""
