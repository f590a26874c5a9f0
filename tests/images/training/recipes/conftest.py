import importlib.util

_WITH_TORCH = [f"test_{name}.py" for name in ("composition", "network", "plans", "run")]
collect_ignore = [] if importlib.util.find_spec("torch") else _WITH_TORCH
