from hypothesis import HealthCheck, settings

# Machines that run these tests are shared: how long an example takes says nothing about the law.
settings.register_profile("rules", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("rules")
