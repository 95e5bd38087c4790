"""Matches while they are played: two learners at a gateway's sockets, or at two gateways'."""
