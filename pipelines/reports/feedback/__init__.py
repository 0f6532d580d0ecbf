"""Feedback workbooks: what was received of a region, what is wrong with it, how to correct it.

Put here: the workbook of a region and period. Keep out: the report site (``reports.site``).
"""
