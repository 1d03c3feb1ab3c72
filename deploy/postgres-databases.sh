#!/bin/sh
# Run once by the postgres image on an empty volume: one database and one owner per service.
set -eu
for service in auth orders inventory payments; do
  variable="$(printf '%s' "$service" | tr '[:lower:]' '[:upper:]')_DATABASE_PASSWORD"
  eval "password=\${$variable}"
  psql -v ON_ERROR_STOP=1 --username postgres -v service="$service" -v password="$password" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE CONNECT ON DATABASE :"service" FROM PUBLIC;
SQL
done
