from hypothesis import settings

# A limit in seconds for each example would measure what else the machine does.
settings.register_profile("vpo-monitor", deadline=None)
settings.load_profile("vpo-monitor")
