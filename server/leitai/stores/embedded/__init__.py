"""Launchers of the embedded stores: a real Valkey and a real PostgreSQL from packages, kept under one data folder.

    data/lock               who uses this folder (`locks`)
    data/valkey/            append-only file of Valkey, its configuration
    data/postgres/          PostgreSQL's data, owned by an unprivileged user when the program runs as root
    data/run/               pid files and sockets, where the path allows
    data/logs/              one log per process

`stores.EmbeddedStores` is the way in; the other modules are its parts.
"""
