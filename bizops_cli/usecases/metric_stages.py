"""Metrics built again beside the real ones, as they were or would have been."""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError
from bizops_cli.runlog.events import Note
from bizops_cli.usecases.explaining import Stages
from bizops_cli.usecases.transform import check_models, transform_directory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.dbt.build import DbtRequest
    from bizops_cli.model import Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.warehouse.address import WarehouseAddress
    from bizops_cli.warehouse.readings import Figures, Reading

_MODEL = "mtr_metric_values"
_NEEDED = ("schema_prefix", "rows_known_at")


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds the metrics of a project again.

    Attributes:
        project: The project.
        address: The warehouse.
        connection: To it, in autocommit mode.
        then: The earlier reading.
        now: The latest one.
        on_event: Takes events.
    """

    project: Project
    address: WarehouseAddress
    connection: Connection
    then: Reading
    now: Reading
    on_event: OnEvent

    def stages(self, code: str) -> Stages:
        """Return the figures of a metric at each stage between two readings.

        Raises:
            ConfigError: The models cannot be built beside the real ones.
            TransformError: A model failed.
        """
        from bizops_cli.warehouse.readings import (
            read_archive,
            read_figures,
            read_figures_at,
        )

        then, now = self.then, self.now
        directory = transform_directory(self.project)
        self.on_event(Note("building the metrics of what was known then"))
        recoded = self._build(code, directory, now.variables, then)
        aged = recoded
        if now.as_of_date != then.as_of_date:
            self.on_event(Note("building them on today's day"))
            aged = self._build(code, directory, now.variables, now)
        restated: Figures | None = recoded
        if then.fingerprint != now.fingerprint:
            self.on_event(Note("building them by the models of then"))
            restated = None
            archive = read_archive(self.connection, then.fingerprint)
            if archive is not None:
                restated = self._build_old(code, archive)
        return Stages(
            reported=read_figures_at(self.connection, code, number=then.number),
            restated=restated,
            recoded=recoded,
            aged=aged,
            now=read_figures(self.connection, code),
        )

    def _build_old(self, code: str, archive: bytes) -> Figures:
        from bizops_cli.dbt.code import unpack_code

        with tempfile.TemporaryDirectory(prefix="bizops-models-") as folder:
            unpack_code(archive, Path(folder))
            return self._build(code, Path(folder), self.then.variables, self.then)

    def _build(
        self,
        code: str,
        directory: Path,
        variables: Mapping[str, object],
        day: Reading,
    ) -> Figures:
        """Build from the records the earlier reading knew, on a reading's day."""
        from bizops_cli.dbt.build import DbtRequest, run_dbt
        from bizops_cli.warehouse.readings import drop_schemas, read_figures

        prefix = f"bizops_explain_{secrets.token_hex(4)}_"
        request = DbtRequest(
            project_directory=directory,
            work_directory=self.project.state_directory / "dbt" / "explain",
            address=self.address,
            vars={
                **variables,
                "as_of_date": day.as_of_date.isoformat(),
                "rows_known_at": dict(self.then.known_at),
                "schema_prefix": prefix,
            },
            command="run",
            select=(f"+{_MODEL}",),
        )
        _check_apart(request, prefix)
        try:
            result = run_dbt(request, on_progress=lambda _: None)
            check_models(result.results)
            return read_figures(self.connection, code, prefix=prefix)
        finally:
            drop_schemas(self.connection, prefix=prefix)


def _check_apart(request: DbtRequest, prefix: str) -> None:
    """Make sure that nothing real would be built over.

    Raises:
        ConfigError: The dbt project does not heed what it must.
        TransformError: It cannot be read.
    """
    from bizops_cli.dbt.build import list_nodes
    from bizops_cli.dbt.manifest import read_manifest

    chosen = list_nodes(request)
    manifest = read_manifest(request.target_directory)
    places = {name: manifest.models[name] for name in chosen if name in manifest.models}
    wrong = [place for place in places.values() if not place.startswith(prefix)]
    unknown = [word for word in _NEEDED if word not in manifest.macro_code]
    if wrong or unknown:
        raise ConfigError(
            "the dbt project cannot build its metrics beside the real ones",
            "Let generate_schema_name put var('schema_prefix') in front, and leave out "
            "rows made after var('rows_known_at'), as the project that comes with "
            "bizops does. `metrics explain` without --since needs none of it.",
            {"not heeded": ", ".join(unknown) or f"schema_prefix, by {wrong[0]}"},
        )
