"""The cost of an answer, measured against the least a server of this kind can do."""
