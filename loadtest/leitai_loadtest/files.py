"""Open files, of which every socket is one."""

import resource


def allow_many_files() -> None:
    """Raise this process's limit of open files as far as it goes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
