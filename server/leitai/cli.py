"""The `leitai` command."""


def main() -> None:
    """Run the command line."""
