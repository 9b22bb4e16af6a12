"""The model in plain loops over one run: no arrays, no kernels; of the engine it takes the draws alone.

Written from the model's pages and not from the code, so that the two can be compared.
"""

import itertools
import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sim.engine.streams import Stream, uniforms
from sim.world.distributions import Exactly
from sim.world.files import load
from sim.world.scenario import Effects, Number, Package, Scenario
from tests.synthetic import widths

FIRST, SECOND, THIRD = 0, 1, None  # side of the war that a party is on
NO_END = 1e9


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


def logit(p: float) -> float:
    return math.log(p) - math.log1p(-p)


def remaining_shift(shift, front, term, rearm, paused, drift, planning):
    """The shift of the pause that is left, less the drift that a front at rest takes away."""
    return shift * min(term, max(rearm - paused, 0.0)) / rearm - drift * (1.0 - front) * min(term, planning)


def worth(
    side, *, utility, relief, settled, lasts, hazard, exposure, shift, front, burden, term, base, spoilers, rate,
    planning, rearm, paused, drift, m, victory, cost, sincere,
):  # fmt: skip
    """W of one package to one party in one run.

    `m` is the first belligerent's chance as the party sees it (its own lean and the drift it plans with included),
    `victory` its utilities of the two victories, `sincere` its beliefs in the two belligerents.
    """
    left = remaining_shift(shift, front, term, rearm, paused, drift, planning)

    def war(at: float) -> float:
        return at * victory[0] + (1.0 - at) * victory[1] - cost

    moved = sigmoid(logit(m) + left) - m
    kept = settled * utility + (1.0 - settled) * (
        war(m) + moved * (victory[0] - victory[1]) + cost * min(relief, 1.0) * lasts
    )
    own, other = (SECOND, FIRST) if side == SECOND else (FIRST, SECOND)
    gain = {FIRST: exposure, SECOND: -exposure}
    broken_by_own, broken_by_other = (war(sigmoid(logit(m) + left + gain[who])) for who in (own, other))
    days = min(term, planning)
    total = 0.0
    for plays in itertools.product((False, True), repeat=2):  # whether each belligerent plays for time
        belief = math.prod(1.0 - p if playing else p for p, playing in zip(sincere, plays, strict=True))
        mu = [
            0.5 * base * hazard + spoilers[j] + (rate * hazard * min(max(burden[j], 0.0), 1.0) if plays[j] else 0.0)
            for j in (FIRST, SECOND)
        ]
        holds = math.exp(-days * sum(mu))
        phi = mu[own] / sum(mu) if sum(mu) > 0 else 0.0
        total += belief * (holds * kept + (1.0 - holds) * (phi * broken_by_own + (1.0 - phi) * broken_by_other))
    return total


class World:
    """One run of a scenario, read number by number at its addresses."""

    def __init__(self, scenario: Scenario, base, seed: int, run: int) -> None:
        self.scenario, self.base, self.seed, self.run = scenario, base, seed, run
        self.kind = [self._kind(party) for party in scenario.parties]
        self._drawn: dict[tuple[str, str], float] = {}
        self._utilities: dict[tuple[int, int, int], float] = {}
        self._cache: dict[tuple[int, Package], float] = {}
        self._lines: dict[str, bool] = {}

    def luck(self, stream: Stream, address: str, round_: int = 0) -> float:
        return float(uniforms(self.seed, stream, address, round_, self.run, 1)[0])

    def draw(self, number: Number) -> float:
        if isinstance(number.distribution, Exactly):
            return number.distribution.centre
        key = number.path, number.address
        if key not in self._drawn:
            luck = np.asarray([self.luck(Stream.NUMBERS, number.address)])
            self._drawn[key] = float(number.distribution.quantile(luck)[0])
        return self._drawn[key]

    def _kind(self, party) -> int:
        luck, upto = self.luck(Stream.TYPE, f"parties.{party.role}.types"), 0.0
        for index, kind in enumerate(party.types):
            upto += kind.chance.centre
            if luck < upto:
                return index
        return max(len(party.types) - 1, 0)

    def read(self, party: int, number: Number | None) -> float:
        """A party's number, or what the type drawn puts in its place."""
        if number is None:
            return 0.0
        who = self.scenario.parties[party]
        overrides = who.types[self.kind[party]].overrides if who.types else {}
        return self.draw(overrides.get(number.path, number))

    def side(self, party: int) -> int | None:
        conflict = self.scenario.conflict
        if conflict is None or party not in conflict.belligerents:
            return THIRD
        return conflict.belligerents.index(party)

    def plays(self, side: int) -> bool:
        who = self.scenario.conflict.belligerents[side]
        types = self.scenario.parties[who].types
        return bool(types) and types[self.kind[who]].plays_for_time

    def weights(self, party: int) -> list[float]:
        saliences = [self.read(party, taste.salience) for taste in self.scenario.parties[party].tastes]
        return [salience / sum(saliences) for salience in saliences]

    def option_utility(self, party: int, issue: int, option: int) -> float:
        key = (party, issue, option)
        if key not in self._utilities:
            taste = self.scenario.parties[party].tastes[issue]
            if taste.values is not None:
                value = self.read(party, taste.values[option])
            else:
                ideal = self.read(party, taste.ideal)
                gamma = 1.0 if taste.gamma is None else self.read(party, taste.gamma)
                position = self.scenario.issues[issue].options[option].position
                away = abs(position.centre - ideal) / max(ideal, 1.0 - ideal)
                value = 1.0 - away**gamma
            self._utilities[key] = self.weights(party)[issue] * value
        return self._utilities[key]

    def utility(self, party: int, package: Package) -> float:
        if (party, package) not in self._cache:
            total = math.fsum(self.option_utility(party, issue, option) for issue, option in enumerate(package))
            for bonus in self.scenario.parties[party].interactions:
                if package[bonus.first[0]] == bonus.first[1] and package[bonus.second[0]] == bonus.second[1]:
                    total += self.read(party, bonus.bonus)
            self._cache[party, package] = total
        return self._cache[party, package]

    def crossed(self, party: int, package: Package) -> list[int]:
        """Positions of the party's own red lines, drawn in this run, that the package crosses."""
        return [
            place
            for place, line in enumerate(self.scenario.parties[party].red_lines)
            if self.is_line(line) and all(package[issue] in options for issue, options in line.when)
        ]

    def is_line(self, line) -> bool:
        """Whether what may be a red line is one in this run."""
        address = line.chance.address
        if address not in self._lines:
            self._lines[address] = self.luck(Stream.RED_LINE, address) < line.chance.centre
        return self._lines[address]

    def in_force(self, package: Package) -> Iterator[Effects]:
        """The effects of every option and pair of options of a package."""
        for issue, option in zip(self.scenario.issues, package, strict=True):
            yield issue.options[option].effects
        for pair in self.scenario.effects:
            if package[pair.first[0]] == pair.first[1] and package[pair.second[0]] == pair.second[1]:
                yield pair.effects

    def terms(self, party: int, package: Package) -> dict:
        """What a package does while it is in force, as `worth` takes it."""
        name = self.scenario.parties[party].name
        pair = [self.scenario.parties[b].name for b in self.scenario.conflict.belligerents]
        found = {
            "settled": 1.0,
            "lasts": 1.0,
            "hazard": 1.0,
            "front": 1.0,
            "exposure": 0.0,
            "shift": 0.0,
            "relief": 0.0,
        }
        burden = [0.0, 0.0]
        for effects in self.in_force(package):
            for key, what in (("settled", "settles"), ("lasts", "lasts"), ("hazard", "hazard"), ("front", "front")):
                if getattr(effects, what) is not None:
                    found[key] *= self.draw(getattr(effects, what))
            for key in ("exposure", "shift"):
                if getattr(effects, key) is not None:
                    found[key] += self.draw(getattr(effects, key))
            if name in effects.relief:
                found["relief"] += self.draw(effects.relief[name])
            for who, number in effects.burden.items():
                burden[pair.index(who)] += self.draw(number)
        found["settled"] *= found["lasts"]
        options = [issue.options[option] for issue, option in zip(self.scenario.issues, package, strict=True)]
        term = next((option.term for option in options if option.term is not None), NO_END)
        treaty = any(option.kind == "treaty" for option in options)
        return found | {"burden": burden, "term": term, "base": self.base[1 if treaty else 0]}

    def victory(self, side: int) -> Package:
        """The winner's best options on what the war decides, the first on ties; the rest stays."""
        winner = self.scenario.conflict.belligerents[side]
        package = list(self.scenario.status_quo)
        for issue, stated in enumerate(self.scenario.issues):
            if stated.war_decides:
                values = [self.option_utility(winner, issue, option) for option in range(len(stated.options))]
                package[issue] = values.index(max(values))
        return tuple(package)

    def opening_logit(self) -> float:
        return logit(self.draw(self.scenario.conflict.odds))

    def view(self, party: int, public: float, evidence=(1.0, 1.0)) -> dict:
        """How a party sees the war at public odds (a logit) after evidence (factors on the odds of sincere)."""
        conflict, who = self.scenario.conflict, self.scenario.parties[party]
        side = self.side(party)
        lean = {FIRST: 1.0, SECOND: -1.0, THIRD: 0.0}[side] * self.read(party, who.optimism)
        sincere = []
        for j, belligerent in enumerate(conflict.belligerents):
            if belligerent == party:
                sincere.append(0.0 if self.plays(j) else 1.0)
                continue
            belief = self.read(party, who.trust[self.scenario.parties[belligerent].name])
            belief = min(max(belief, 1e-12), 1.0 - 1e-12)
            odds = belief / (1.0 - belief) * evidence[j]
            sincere.append(min(max(odds / (1.0 + odds), 1e-12), 1.0 - 1e-12))
        planned = self.draw(conflict.drift) * conflict.planning_days.centre
        return {
            "m": sigmoid(public + planned + lean),
            "victory": [self.utility(party, self.victory(j)) for j in (FIRST, SECOND)],
            "cost": self.read(party, who.cost),
            "sincere": sincere,
        }

    def reservation(self, party: int, public: float) -> float:
        if self.scenario.conflict is None:
            return self.read(party, self.scenario.parties[party].reservation)
        seen = self.view(party, public)
        return seen["m"] * seen["victory"][0] + (1.0 - seen["m"]) * seen["victory"][1] - seen["cost"]

    def worth(
        self, party: int, package: Package, public: float, *, paused=0.0, evidence=(1.0, 1.0), term=None
    ) -> float:
        """W of a package; `term` puts the days left in the place of the text's own."""
        if self.scenario.conflict is None:
            return self.utility(party, package)
        conflict = self.scenario.conflict
        terms = self.terms(party, package)
        spoilers = [
            (1.0 - self.read(b, self.scenario.parties[b].control)) * self.draw(conflict.spoiler_rate)
            for b in conflict.belligerents
        ]
        return worth(
            self.side(party),
            utility=self.utility(party, package),
            **(terms if term is None else terms | {"term": term}),
            spoilers=spoilers,
            rate=self.draw(conflict.deliberate_rate),
            planning=conflict.planning_days.centre,
            rearm=conflict.rearm_days.centre,
            paused=paused,
            drift=self.draw(conflict.drift),
            **self.view(party, public, evidence),
        )

    def best(self, party: int, public: float) -> tuple[float, Package | None]:
        """The best feasible package that crosses none of the party's red lines, by trying all."""
        tried = [
            (self.worth(party, package, public), package)
            for package in packages(self.scenario)
            if not self.crossed(party, package)
        ]
        return max(tried, key=lambda pair: pair[0], default=(-math.inf, None))

    def best_change(self, party: int, package: Package, public: float) -> tuple[float, set[int]]:
        """The highest worth that one change reaches without crossing a red line, and the issues that reach it."""
        here = self.worth(party, package, public)
        then: dict[int, float] = {}
        for issue, option, revised in revisions(self.scenario, package):
            if option != package[issue] and not self.crossed(party, revised):
                then[issue] = max(then.get(issue, -math.inf), self.worth(party, revised, public))
        top = max(then.values(), default=-math.inf)
        if top <= here + 1e-11:
            return here, set()
        return top, {issue for issue, value in then.items() if value > top - 1e-11}


def packages(scenario: Scenario) -> list[Package]:
    """Every feasible package."""
    spans = [range(len(issue.options)) for issue in scenario.issues]
    return [package for package in itertools.product(*spans) if scenario.feasible(package)]


def allowed_together(scenario: Scenario, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether no rule keeps the two options (issue, option) of different issues apart."""
    for rule in scenario.rules:
        for a, b in ((one, other), (other, one)):
            if rule.option == a and rule.needs_issue == b[0] and b[1] not in rule.needs_options:
                return False
    return True


def revised(scenario: Scenario, package: Package, changes: dict[int, int]) -> Package | None:
    """The package with options put in place; each issue whose option that forbids goes to its first permitted one."""
    result = list(package)
    for issue, option in changes.items():
        result[issue] = option
    for issue in range(len(result)):
        if issue in changes:
            continue
        permitted = [
            option
            for option in range(len(scenario.issues[issue].options))
            if all(allowed_together(scenario, change, (issue, option)) for change in changes.items())
        ]
        if not permitted:
            return None
        if result[issue] not in permitted:
            result[issue] = permitted[0]
    return tuple(result) if scenario.feasible(tuple(result)) else None


def revisions(scenario: Scenario, package: Package) -> Iterator[tuple[int, int, Package]]:
    """(issue, option, text) after every feasible single change."""
    for issue, stated in enumerate(scenario.issues):
        for option in range(len(stated.options)):
            text = revised(scenario, package, {issue: option})
            if text is not None:
                yield issue, option, text


def random_scenario(folder: Path, seed: int, **changes: object) -> Scenario:
    """A small war with at most 2,000 packages, and everything in it that can make options act together."""
    luck = np.random.default_rng(seed)
    sizes = luck.permutation([3, 4, 3, 4, 2, 3])[: int(luck.integers(4, 7))].tolist()
    while math.prod(sizes) > 2000:
        sizes.pop()
    names = [f"issue{i}" for i in range(len(sizes))]

    def share() -> float:
        return round(float(luck.uniform(0.05, 0.95)), 3)

    def some_option(issue: int, first: int = 0) -> str:
        return f"o{int(luck.integers(first, sizes[issue]))}"

    def some_pair() -> dict[str, str]:
        one, other = sorted(luck.choice(len(sizes), 2, replace=False).tolist())
        return {names[one]: some_option(one), names[other]: some_option(other)}

    def effects(chance: float) -> dict:
        stated = {
            "settles": share(),
            "front": share(),
            "hazard": round(float(luck.uniform(0.2, 2)), 3),
            "exposure": round(float(luck.uniform(0, 0.6)), 3),
            "shift": round(float(luck.uniform(-1, 1)), 3),
            "relief": {name: round(share() * 1.4 - 0.4, 3) for name in ("north", "south", "third")},
            "burden": {"north": share(), "south": share()},
        }
        return {key: value for key, value in stated.items() if luck.random() < chance}

    grounds = {"because": "made up", "grade": "assumed"}
    issues = {}
    for i, name in enumerate(names):
        options = {f"o{k}": {"words": f"{name} {k}", "position": share()} for k in range(sizes[i])}
        if i < 2:
            for option in list(options)[1:]:
                options[option] |= effects(0.5) | ({"settles": share()} if i == 0 else {})
        if i == 0 and luck.random() < 0.5:
            options["o0"]["settles"] = {"exactly": 0}  # nothing agreed
        issues[name] = {"about": name, "status_quo": "o0", "options": options, **grounds}
        issues[name]["war_decides"] = bool(i >= 2 and luck.random() < 0.6) or i == 2
    ending = len(names) - 1
    for k, option in enumerate(issues[names[ending]]["options"].values()):
        option |= {"term": int(luck.integers(20, 300)), "lasts": share()} if k % 2 else {"kind": "treaty"}

    rules, pairs, when_seen = [], [], set()
    for _ in range(int(luck.integers(1, 4))):
        one, other = luck.choice(len(sizes), 2, replace=False).tolist()
        needed = luck.choice(sizes[other], max(1, sizes[other] - 1), replace=False).tolist()
        rules.append(
            {
                "option": {names[one]: some_option(one, 1)},
                "needs": {names[other]: [f"o{k}" for k in needed]},
                "because": "made up",
            }
        )
    for _ in range(3):
        pair = some_pair()
        if str(pair) not in when_seen:
            when_seen.add(str(pair))
            pairs.append({"when": pair, **(effects(0.4) or {"shift": 0.3}), **grounds})

    def party(name: str, belligerent: bool) -> dict:
        tastes = {}
        for i, issue in enumerate(names):
            if luck.random() < 0.5:
                tastes[issue] = {"salience": share(), "values": {f"o{k}": share() for k in range(sizes[i])}}
            else:
                tastes[issue] = {"salience": share(), "ideal": share()}
        bonuses, lines = {}, []
        for _ in range(2):
            pair = some_pair()
            bonuses[str(pair)] = {"when": pair, "bonus": round(float(luck.uniform(-0.2, 0.2)), 3)}
        for n in range(2):
            when = some_pair()
            if n == 0:
                when.popitem()
            lines.append({"name": f"line {n}", "when": {key: [value] for key, value in when.items()}, "chance": 0.5})
        stated = {
            "title": name,
            **grounds,
            "cost": round(float(luck.uniform(0.02, 0.3)), 3),
            "optimism": 0.3 if belligerent else {"exactly": 0},
            "firmness": share(),
            "concession": 0.3,
            "exaggeration": {"exactly": 0},
            "trust": {other: share() for other in ("north", "south") if other != name},
            "preferences": tastes,
            "interactions": list(bonuses.values()),
            "red_lines": lines,
        }
        if belligerent:
            stated |= {
                "control": 0.9,
                "types": {
                    "open": {"chance": 0.6},
                    "stalling": {"chance": 0.4, "plays_for_time": True, "firmness": 0.7, "cost": 0.05},
                },
            }
        return stated

    tree = {
        "title": "A made-up war",
        "clock": {"round_days": 7, "horizon": 6, "deadline": "none"},
        "scope_issue": names[0],
        "issues": issues,
        "effects": pairs,
        "rules": rules,
        "parties": {
            "north": party("north", True),
            "south": party("south", True),
            "third": party("third", False),
            "fourth": party("fourth", False),
            "fifth": party("fifth", False),
        },
        "conflict": {
            "belligerents": ["north", "south"],
            **grounds,
            "odds": 0.55,
            "drift": 0.002,
            "volatility": 0.08,
            "planning_days": 180,
            "rearm_days": 120,
            "deliberate_rate": 0.01,
            "spoiler_rate": 0.002,
        },
        "signers": {"all_of": ["north", "south"], "blocs": [{"of": ["third", "fourth", "fifth"], "quorum": 2}]},
        "outcomes": {"some deal": {names[0]: [f"o{k}" for k in range(1, sizes[0])]}},
    }
    path = folder / f"made_up_{seed}.yaml"
    path.write_text(json.dumps(tree), encoding="utf-8")  # JSON is YAML
    return load(str(path), widths=widths(), changes=changes)
