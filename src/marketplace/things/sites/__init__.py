"""Sites: where things are collected and returned, and when they are open."""
