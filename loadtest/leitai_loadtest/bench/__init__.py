"""What the server's operations cost, each beside the least that any server of this kind must spend (docs/bench.md)."""
