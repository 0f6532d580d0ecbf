"""A release as open data: a folder that a portal, a spreadsheet or a statistician can take as it is.

    choice          what the public may have, and what not, with the reason
    tables          that, of one release, with words, keys and relations
    csv_files       each table twice: comma and point, semicolon and decimal comma
    workbook        the summary as XLSX
    data_package    datapackage.json (Frictionless)
    catalogue       catalogue.jsonld (DCAT) and data.json (POD)
    sdmx            the index as SDMX-CSV, with its code lists
    sdmx_structure  its structure message, by which a statistical system takes it
    export          the folder, and each table as Parquet

A release says all that goes into it, so the same release gives the same bytes.

Put here: forms of what is published. Keep out: making a release (``publish.release``), databases.
"""
