"""A whole contest played with simulated contestants, and the judgement of what came out of it."""
