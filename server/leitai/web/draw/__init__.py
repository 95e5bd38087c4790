"""The doors of the draw: the staff's who carry it out, and everybody's."""
