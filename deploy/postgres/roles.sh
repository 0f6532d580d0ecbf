#!/bin/bash
# Once: a role and a database for Dagster, and one for the published tables. Passwords are read from files in
# SECRETS (of the container: /run/secrets) and handed on in the environment, which no other account sees.
# Usage: roles.sh, as the owner of the server; or with PSQL='runuser --user postgres -- psql', as root.
set -euo pipefail
secrets=${SECRETS:-/run/secrets}
DAGSTER_PASSWORD=$(cat "$secrets/dagster_password")
LOADER_PASSWORD=$(cat "$secrets/spm_password")
export DAGSTER_PASSWORD LOADER_PASSWORD
# PSQL may be several words
${PSQL:-psql} --no-psqlrc --username "${POSTGRES_USER:-postgres}" --dbname postgres --set ON_ERROR_STOP=1 <<'SQL'
\getenv dagster_password DAGSTER_PASSWORD
\getenv loader_password LOADER_PASSWORD
create role dagster login password :'dagster_password';
create database dagster owner dagster;
revoke all on database dagster from public;
create role spm_loader login createrole password :'loader_password';
create database spm owner spm_loader;
revoke all on database spm from public;
create role spm_reader nologin;
create role spm_text_reader nologin;
grant spm_reader, spm_text_reader to spm_loader with admin option;
grant connect on database spm to spm_reader, spm_text_reader;
SQL
