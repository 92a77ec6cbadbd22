"""Published awards in the 360Giving Data Standard (version 1.4.3), for everybody to use."""
