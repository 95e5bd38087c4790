"""The calendar of the plan: days set by operators, states told by what has happened, for everybody to see."""
