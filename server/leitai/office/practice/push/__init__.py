"""Reminders by Web Push (RFC 8030): who is reminded, what a message looks like, and to whom it is ever sent."""
