"""Run the benchmarks named on the command line, or all of them."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import tests.benchmarks as here


def main(wanted: list[str]) -> None:
    """Run every module ``bench_<name>_….py`` whose name is wanted."""
    for module in sorted(m.name for m in pkgutil.iter_modules(here.__path__)):
        if module.startswith("bench_") and (not wanted or module.split("_")[1] in wanted):
            print(f"== {module}", flush=True)
            importlib.import_module(f"{here.__name__}.{module}").main()


if __name__ == "__main__":
    main([name.lower() for name in sys.argv[1:]])
