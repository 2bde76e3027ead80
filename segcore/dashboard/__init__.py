"""All runs of a study on one page: ``reports/STUDY/dashboard.html``.

:mod:`segcore.dashboard.reading` reads what the published runs hold, and :mod:`segcore.dashboard.page` makes
the page of it. It belongs to no run, so it is not sealed; :mod:`segcore.archive.dashboards` keeps it fresh.
"""
