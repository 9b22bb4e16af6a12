"""Runs a second of the engine on one core: blocks of march_2025 under the default mediator, and where the time goes.

`python benchmarks/bench_engine.py` prints medians of repeats after a warm-up; `--smoke` plays once, to see that it
works. Times are processor times of this one process, so that a busy machine weighs less; ratios in one run say more
than seconds.
"""

import argparse
import cProfile
import os
import platform
import pstats
import statistics
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from sim.cli.settings import default_settings
from sim.cli.study import study
from sim.engine.ensemble import BLOCK_RUNS, Game, play_block

STAGES = {
    "the mediator's climbs": "climb",
    "reasons of refusals": "best_changes",
    "answers": "weigh",
    "what answers lead to": "conclude",
    "standings": "take_stock",
    "days between talks": "pass_days",
    "best packages at the opening": "best_packages",
    "what joint choices do while in force": "stage_block",
    "tables of the two viewers": "fill_rows",
    "sampling of worlds": "sample_worlds",
}
GOAL = 8_000  # runs a second on one core


def machine() -> str:
    """What the numbers were measured on."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    load = f", load {os.getloadavg()[0]:.1f} before" if hasattr(os, "getloadavg") else ""
    cores = f"{os.cpu_count()} cores, one used{load}"
    return f"{names[0] if names else platform.machine()}, Python {platform.python_version()}, {cores}"


def once(game: Game, first: int, runs: int) -> float:
    """Processor seconds of one block."""
    begun = time.process_time()
    play_block(game, first, runs)
    return time.process_time() - begun


def stages(game: Game, runs: int) -> dict[str, float]:
    """Share of a block's time by stage; what is not named is the rest of the round."""
    profile = cProfile.Profile()
    profile.runcall(play_block, game, 0, runs)
    rows = vars(pstats.Stats(profile))["stats"].items()
    total = sum(row[2] for _, row in rows)
    return {stage: sum(row[3] for (_, _, name), row in rows if name == code) / total for stage, code in STAGES.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true", help="one small block, to see that it works")
    smoke = parser.parse_args().smoke
    runs, repeats = (80, 1) if smoke else (BLOCK_RUNS, 7)
    print(machine())
    for name in ("orange", "march_2025"):
        game = study(default_settings([f"scenario={name}"])).game
        play_block(game, 0, 40)
        speed = runs / statistics.median(once(game, repeat * runs, runs) for repeat in range(repeats))
        goal = f" ({speed / GOAL:.0%} of the goal of {GOAL:,})" if name == "march_2025" else ""
        print(f"{name}: {speed:,.0f} runs a second of processor time, median of {repeats} blocks of {runs}{goal}")
    for stage, share in stages(game, runs).items():
        print(f"  {share:4.0%}  {stage}")


if __name__ == "__main__":
    main()
