"""The audit: read it, recompute its chain, take it out as a signed file, and tell where it stands.

An entry's hash is SHA-256 over the hash before it and the entry itself (`chain`); schema/sql writes it, and what checks
it here is written apart, so that a changed function in the database hides nothing. The chain shows what was changed,
taken out, put in or moved. That its end was cut off shows only against a head that was published before: in the log
(`heads`), in results bundles, in exported files, on the auditor's page.
"""
