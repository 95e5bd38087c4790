"""From nomination to roster (plan 四(二)2): what provinces send in, who is eligible by what evidence, the freeze, the
roster of those named and drawn, strike-offs and admission tickets.
"""
