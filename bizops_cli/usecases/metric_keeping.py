"""Keeping the metrics at the end of a run, so that later changes can be explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_cli.usecases.transform import transform_directory, transform_variables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.model import Project, RunRecord

_MODEL = ".mtr_metric_values"


def keep_metrics(
    connection: Connection,
    project: Project,
    record: RunRecord,
    loaded_schemas: Sequence[str],
) -> None:
    """Keep the metrics a run has built, with the code they were built by.

    Nothing is kept of a run that did not build them.

    Raises:
        BizopsError: The warehouse refuses.
    """
    from bizops_cli.dbt.code import read_code
    from bizops_cli.warehouse.readings import can_keep, keep_reading

    if not any(
        model.unique_id.endswith(_MODEL) and model.status == "success"
        for model in record.models
    ):
        return
    if not can_keep(connection):
        return
    variables = transform_variables(project, loaded_schemas)
    code = read_code(transform_directory(project), variables)
    keep_reading(
        connection,
        record,
        fingerprint=code.fingerprint,
        variables=variables,
        archive=code.archive,
    )
