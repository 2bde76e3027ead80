"""Commands about what is there: the published runs."""

from __future__ import annotations

from segcore.cli.common import NOTHING, AsJson, SomeStudy, print_json, project, study_name


def list_runs(
    study: SomeStudy = None,
    as_json: AsJson = False,
) -> None:
    """List the published runs; a stale one was made before the run that it is compared with."""
    from segcore import archive

    runs = archive.list_runs(project() / "runs", study=study_name(study))
    if as_json:
        print_json([entry.as_json() for entry in runs])
        return
    for entry in runs:
        print(entry.line)
    if not runs:
        print(NOTHING)


def verify(
    study: SomeStudy = None,
) -> None:
    """Hash every file of the published runs again and compare with their manifests."""
    from segcore import archive

    for line in archive.verify_all(project() / "runs", study=study_name(study)) or [NOTHING]:
        print(line)
