"""The whole chain as people go it: nominations, draw, roster, tickets, contest, awards, certificates, results bundle.

Everything is asked for at the doors over HTTP, by staff who are signed in; contestants are simulated over real sockets.
"""
