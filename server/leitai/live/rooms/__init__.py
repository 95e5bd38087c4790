"""What small rounds at a gateway's sockets share (stages, matches): a log that is followed, and who is connected."""
