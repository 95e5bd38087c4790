"""Awards after 定榜: why each is given, their publication 公示, objections, certificates, and the expert pool.

The law is in `rules.awards`, `rules.award_reasons`, `rules.award_corrections` and `rules.publicity`.
"""
