"""Expenses: what a volunteer spent, given back by the organisation, and never more than that.

Actual costs only: a receipt, or miles at the rate that HMRC approves. A flat sum, however small,
counts as pay: it can cost somebody their benefits and make them an employee.

Pictures of receipts are private: the claimant and those who see the organisation's expenses can
open one, every look by the organisation is written down, and the picture is deleted after a
time. The facts stay with the organisation's books.
"""
