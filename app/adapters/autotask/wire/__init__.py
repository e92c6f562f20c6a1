"""What Autotask's REST API means: paths, filters, pages, answers, failures. Values in, values or a `Failure` out.

No I/O and no clock here, so that everything can be tested from recorded texts.
"""
