"""Stage rounds while they are played: desks and screens at a gateway's sockets. Nothing here is on a contest's way."""
