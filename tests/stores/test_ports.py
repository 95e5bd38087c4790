"""Ports that are held for a program of ours until it starts, and between its starts."""

import gc
import socket

import pytest

from leitai.stores.embedded.ports import HOST, HeldPort, held_ports


def _taken(port: int) -> bool:
    """Whether a program that looks for a free port finds this one taken."""
    with socket.socket() as other:
        try:
            other.bind((HOST, port))
        except OSError:
            return True
    return False


def test_a_held_port_is_refused_to_others_and_listened_on_by_a_server() -> None:
    held = HeldPort()
    assert _taken(held.number)
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, held.number), 1)
        # As servers do: with SO_REUSEADDR.
        with socket.create_server((HOST, held.number)), socket.create_connection((HOST, held.number), 1):
            assert _taken(held.number)
        assert _taken(held.number)
    held.release()
    with socket.create_server((HOST, held.number)):
        pass


def test_ports_held_at_once_are_each_another() -> None:
    held = held_ports(200)
    numbers = {port.number for port in held}
    assert len(numbers) == 200
    del held
    gc.collect()
    assert not all(_taken(number) for number in numbers)
