"""The worker hosts accounts: it acquires, serves, settles and hands back.

It catches widely in one place and knows no framework and no vendor; what a job kind means is its story's business.
"""
