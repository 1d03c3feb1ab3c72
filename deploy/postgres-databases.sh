#!/bin/sh
# Run once by the postgres image on an empty volume: one database and one owner per service.
#
# Each owner has a limit of connections that leaves the others theirs: pools times replicas, in all at most 97
# (max_connections, 100, less those reserved for superusers). auth: 17 x 2; orders: 10 x 4; the others: 10.
# For more replicas raise both, the limits by ALTER ROLE orders CONNECTION LIMIT 80.
set -eu
limit_of() {
  case "$1" in
    auth) echo 34 ;;
    orders) echo 40 ;;
    *) echo 10 ;;
  esac
}
for service in auth orders inventory payments; do
  variable="$(printf '%s' "$service" | tr '[:lower:]' '[:upper:]')_DATABASE_PASSWORD"
  eval "password=\${$variable}"
  psql -v ON_ERROR_STOP=1 --username postgres -v service="$service" -v password="$password" \
    -v limit="$(limit_of "$service")" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password' CONNECTION LIMIT :limit;
CREATE DATABASE :"service" OWNER :"service";
REVOKE CONNECT ON DATABASE :"service" FROM PUBLIC;
SQL
done
