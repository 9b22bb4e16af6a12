"""Parts of an ensemble as Parquet files: written once, verified when read, played again where they do not verify."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from sim.engine.records import Records, joined
from sim.engine.workers import Part
from sim.store.errors import StoreError
from sim.store.folder import whole
from sim.store.table import Layout, from_table, to_table

FOLDER: Final = "parts"
ABOUT: Final = b"parley"  # key of our own words among a file's metadata


@dataclass(frozen=True, slots=True)
class PartFiles:
    """The part files of one ensemble."""

    folder: Path  # of the result
    plan: Layout
    about: Mapping[str, object]  # written into every file; "identity" tells one ensemble's files from another's

    def path(self, part: Part) -> Path:
        """Where a part lies."""
        return self.folder / FOLDER / f"part-{part.number:05d}.parquet"

    def save(self, part: Part, records: Records) -> None:
        """Write a part; it is there whole or not at all."""
        table = to_table(records, self.plan)
        table = table.replace_schema_metadata({ABOUT: json.dumps(self._about(part)).encode()})
        with whole(self.path(part)) as path:
            pq.write_table(
                table,
                path,
                compression="zstd",
                use_dictionary=[name for name in table.column_names if name not in self.plan.reals],
                column_encoding=dict.fromkeys(self.plan.reals, "BYTE_STREAM_SPLIT"),
                write_page_checksum=True,
            )

    def load(self, part: Part) -> Records:
        """Read a part; a StoreError says what is wrong with it."""
        path = self.path(part)
        try:
            table = pq.read_table(path, page_checksum_verification=True, partitioning=None)
        except FileNotFoundError as error:
            raise StoreError(f"{path} is missing; run the same command again, and it is played anew") from error
        except (pa.ArrowException, OSError) as error:
            raise StoreError(f"{path} is damaged ({error}); delete it and run the same command again") from error
        metadata = table.schema.metadata or {}
        if json.loads(metadata.get(ABOUT, b"{}")) != self._about(part) or table.num_rows != part.runs:
            raise StoreError(f"{path} does not belong to this ensemble; delete it and run the same command again")
        return from_table(table, self.plan)

    def stored(self, part: Part) -> bool:
        """Whether a part is there and sound."""
        if not self.path(part).exists():
            return False
        try:
            self.load(part)
        except StoreError:
            return False
        return True

    def load_all(self, parts: Sequence[Part]) -> Records:
        """The rows of all parts."""
        return joined([self.load(part) for part in parts])

    def _about(self, part: Part) -> dict[str, object]:
        return {**self.about, "part": part.number, "first": part.first, "runs in part": part.runs}
