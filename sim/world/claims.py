"""What a source says, claim by claim, in our own words; and whether what is cited from it is there."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

from sim.world.errors import ClaimError, ScenarioError, nearest
from sim.world.numbers import Grade
from sim.world.reading import day, entries, items, need, text, texts, whole
from sim.world.tree import Node, read_tree

__all__ = ["Claim", "ClaimError", "Source", "load_source", "verify"]

ClaimKind = Literal["stated", "reported", "inferred"]

KINDS: Final[dict[str, ClaimKind]] = {"stated": "stated", "reported": "reported", "inferred": "inferred"}
BEST_FIRST: Final = tuple(Grade)
_CLAIM_KEYS: Final = ("id", "paragraph", "speaker", "about", "kind", "matter", "said", "statement")
_SOURCE_KEYS: Final = ("id", "about", "published", "sha256", "paragraphs", "claims", "no_claim")


@dataclass(frozen=True, slots=True)
class Claim:
    """What one source said, in our paraphrase. Numbers live in scenarios, never here."""

    id: str
    paragraph: int  # of the source, counted from 1
    speaker: str
    about: tuple[str, ...]  # the parties that the claim bears on
    kind: ClaimKind
    matter: str  # claims of one speaker on one matter count once
    said: date
    published: date
    statement: str

    def __post_init__(self) -> None:
        if self.published < self.said:
            raise ClaimError(
                f"claim {self.id!r} was published on {self.published}, before it was said on {self.said}; "
                f"check both dates against paragraph {self.paragraph}"
            )


@dataclass(frozen=True, slots=True)
class Source:
    """One text, cut into claims. Every paragraph carries a claim or a reason why it carries none."""

    id: str
    about: str
    published: date
    sha256: str  # of the text file, one paragraph a line
    paragraphs: int
    claims: tuple[Claim, ...]
    no_claim: dict[int, str]  # paragraph -> why nothing was taken from it

    def __post_init__(self) -> None:
        ids = [claim.id for claim in self.claims]
        twice = [name for index, name in enumerate(ids) if name in ids[:index]]
        if twice:
            raise ClaimError(f"source {self.id!r} has two claims {twice[0]!r}; give one another id")
        covered = {claim.paragraph for claim in self.claims}
        for paragraph in sorted(covered | self.no_claim.keys()):
            if not 1 <= paragraph <= self.paragraphs:
                raise ClaimError(
                    f"source {self.id!r} has {self.paragraphs} paragraphs, so there is no paragraph {paragraph}"
                )
        for paragraph in range(1, self.paragraphs + 1):
            if paragraph not in covered and paragraph not in self.no_claim:
                raise ClaimError(
                    f"paragraph {paragraph} of source {self.id!r} carries no claim; "
                    "add one, or say why under `no_claim`"
                )
            if paragraph in covered and paragraph in self.no_claim:
                raise ClaimError(f"paragraph {paragraph} of source {self.id!r} has a claim and stands under `no_claim`")

    def claim(self, identifier: str) -> Claim:
        """The claim with that id; a ClaimError names the nearest."""
        for claim in self.claims:
            if claim.id == identifier:
                return claim
        raise ClaimError(
            f"there is no claim {identifier!r} in {self.id!r}; {nearest(identifier, [c.id for c in self.claims])}"
        )

    def voices(self, cited: Iterable[str]) -> int:
        """How many independent claims are among those cited: one speaker on one matter counts once."""
        return len({(claim.speaker, claim.matter) for claim in map(self.claim, cited)})

    def check_cited(self, cited: Collection[str], grade: Grade | None, where: str) -> None:
        """Refuse a claim that does not exist, and a grade better than every claim cited for it."""
        try:
            kinds = [Grade(self.claim(identifier).kind) for identifier in cited]
        except ClaimError as error:
            raise ClaimError(f"{where}: {error}") from error
        if grade not in (Grade.STATED, Grade.REPORTED):
            return
        if not kinds:
            raise ClaimError(
                f"{where}: graded {grade.value!r}, but no claim is cited, so nobody said it; cite one, "
                "or grade it 'inferred' or 'assumed'"
            )
        best = min(kinds, key=BEST_FIRST.index)
        if BEST_FIRST.index(grade) < BEST_FIRST.index(best):
            raise ClaimError(
                f"{where}: graded {grade.value!r}, but what it cites ({', '.join(cited)}) is at most {best.value!r}; "
                f"grade it {best.value!r} or cite what was said"
            )

    def check_used(self, used: Collection[str], context: Collection[str], where: str) -> None:
        """Refuse a claim on which no number rests and that nobody set aside, and one that is both."""
        for identifier in context:
            try:
                self.claim(identifier)
            except ClaimError as error:
                raise ClaimError(f"{where}: context.{identifier}: {error}") from error
            if identifier in used:
                raise ClaimError(
                    f"{where}: context.{identifier}: claim {identifier!r} is cited in the scenario; "
                    "drop it from `context`"
                )
        for claim in self.claims:
            if claim.id not in used and claim.id not in context:
                raise ClaimError(
                    f"{where}: claim {claim.id!r} (paragraph {claim.paragraph}, {claim.speaker}) is cited nowhere; "
                    f"cite it, or say under `context` why no number rests on it"
                )


def load_source(path: Path) -> Source:
    """The source in a file of claims; a ClaimError names file and line of what is wrong with it."""
    try:
        return _source(read_tree(path))
    except ScenarioError as error:
        raise ClaimError(str(error)) from error


def verify(source: Source, article_text: str) -> None:
    """Refuse a text that is not the one the claims were taken from, to the letter."""
    lines = article_text.splitlines()
    if len(lines) != source.paragraphs:
        raise ClaimError(
            f"the text has {len(lines)} lines, but source {source.id!r} has {source.paragraphs} paragraphs, one a line"
        )
    found = hashlib.sha256(article_text.encode("utf-8")).hexdigest()
    if found != source.sha256:
        raise ClaimError(
            f"the text is not the one that source {source.id!r} was taken from (SHA-256 {found[:12]}..., "
            f"not {source.sha256[:12]}...); use the text of {source.published}"
        )


def _source(top: Node) -> Source:
    inside = entries(top, _SOURCE_KEYS)
    published = day(need(top, "published"))
    no_claim: dict[int, str] = {}
    for item in items(inside["no_claim"]) if "no_claim" in inside else ():
        entries(item, ("paragraph", "because"))
        no_claim[whole(need(item, "paragraph"), 1)] = text(need(item, "because"))
    claims = tuple(_claim(item, published) for item in items(need(top, "claims")))
    try:
        return Source(
            id=text(need(top, "id")),
            about=text(inside["about"]) if "about" in inside else "",
            published=published,
            sha256=text(need(top, "sha256")),
            paragraphs=whole(need(top, "paragraphs"), 1),
            claims=claims,
            no_claim=no_claim,
        )
    except ClaimError as error:
        raise ClaimError(f"{top.place.rpartition(':')[0]}: {error}") from error


def _claim(item: Node, published: date) -> Claim:
    entries(item, _CLAIM_KEYS)
    kind = need(item, "kind")
    if text(kind) not in KINDS:
        raise ClaimError(f"{kind.where}: unknown kind {text(kind)!r}; {nearest(text(kind), KINDS)}")
    try:
        return Claim(
            id=text(need(item, "id")),
            paragraph=whole(need(item, "paragraph"), 1),
            speaker=text(need(item, "speaker")),
            about=texts(need(item, "about")),
            kind=KINDS[text(kind)],
            matter=text(need(item, "matter")),
            said=day(need(item, "said")),
            published=published,
            statement=text(need(item, "statement")),
        )
    except ClaimError as error:
        raise ClaimError(f"{item.place}: {error}") from error
