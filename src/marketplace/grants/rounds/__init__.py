"""Rounds: their amounts, dates, rules, questions and criteria, and their publication."""
