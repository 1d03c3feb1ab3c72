#!/bin/sh
# Run by the postgres image on an empty volume: one database and one owner per service. Run again, it makes
# what is missing and leaves roles and databases that are there as they are, with their passwords and limits.
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
  eval ": \"\${$variable:?}\""
  # psql reads the password from the environment itself: everybody on the host can read a command line.
  psql -v ON_ERROR_STOP=1 --username postgres -v service="$service" -v variable="$variable" \
    -v limit="$(limit_of "$service")" <<'SQL'
\getenv password :variable
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L CONNECTION LIMIT %s', :'service', :'password', :'limit')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'service', :'service')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'service') \gexec
REVOKE CONNECT ON DATABASE :"service" FROM PUBLIC;
SQL
done
