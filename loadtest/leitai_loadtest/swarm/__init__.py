"""Contestants and viewers for Locust in plain blocking code: under Locust gevent makes all of them run at once.

`loadtest/locustfile.py` gives them to Locust; docs/loadtest.md says how to run it and how to read its table.
"""
