"""Settings of the Superset that the bundle is tried out in; a ministry's own server has its own."""

import os

SECRET_KEY = os.environ["SPM_SUPERSET_SECRET"]
SQLALCHEMY_DATABASE_URI = os.environ["SPM_SUPERSET_METADATA"]
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
LANGUAGES = {"en": {"flag": "us", "name": "English"}}
