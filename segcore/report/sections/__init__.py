"""The report's sections, one file each: a :class:`segcore.report.data.Report` in, pieces out."""
