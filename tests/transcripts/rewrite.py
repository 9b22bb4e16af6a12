"""Write the golden transcripts anew: `python -m tests.transcripts.rewrite`. The commit that does so says why."""

from pathlib import Path

from sim.cli.settings import default_settings
from sim.cli.study import study
from sim.engine.ensemble import play_block
from sim.report.minutes import Minutes
from sim.world.files import find_library

FOLDER = Path(__file__).parent
SEED, RUN = 1, 0


def names() -> list[str]:
    """Every scenario that ships."""
    return sorted(find_library().names())


def path(name: str) -> Path:
    """Where a scenario's transcript stands."""
    return FOLDER / f"{name}.seed-{SEED}.run-{RUN}.txt"


def transcript(name: str) -> str:
    """The minutes of one run of a scenario, played alone."""
    game = study(default_settings([f"scenario={name}", f"seed={SEED}"])).game
    minutes = Minutes(game.scenario, 0)
    play_block(game, RUN, 1, minutes)
    return minutes.text()


if __name__ == "__main__":
    for each in names():
        path(each).write_text(transcript(each), encoding="utf-8")
