#!/bin/sh
# Creates one database and one owner per service. The postgres image runs it on an empty volume. Running it again
# creates what is missing, and leaves existing roles and databases unchanged, with their passwords and limits.
#
# Each owner has a connection limit (pools times replicas), so no service can use up the connections of another.
# The limits add up to at most 97: max_connections (100) less those reserved for superusers. auth: 17 x 2;
# orders: 10 x 4; the others: 10. More replicas need higher limits (ALTER ROLE orders CONNECTION LIMIT 80) and a
# higher max_connections.
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
  # psql reads the password from the environment, because every user of the host can read a command line.
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
