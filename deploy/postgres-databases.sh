#!/bin/sh
# Generated from deploy/services.json and deploy/templates/postgres-databases.sh.ejs by: npm run generate
#
# Creates one database and one owner per service. The postgres image runs it on an empty volume. Running it again
# creates what is missing, and leaves existing roles and databases unchanged, with their passwords and limits.
#
# Each owner has a connection limit (pools times replicas), so no service can use up the connections of another.
# auth: 17 x 2; the others: 10 x maxReplicas. More replicas need a higher limit (ALTER ROLE … CONNECTION
# LIMIT 80). The limits add up to 94, so max_connections, which includes those reserved for superusers, must be
# 97 or more.
set -eu
create() {
  service=$1 limit=$2
  variable="$(printf '%s' "$service" | tr '[:lower:]' '[:upper:]')_DATABASE_PASSWORD"
  eval ": \"\${$variable:?}\""
  # psql reads the password from the environment, because every user of the host can read a command line.
  psql -v ON_ERROR_STOP=1 --username postgres -v service="$service" -v variable="$variable" \
    -v limit="$limit" <<'SQL'
\getenv password :variable
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L CONNECTION LIMIT %s', :'service', :'password', :'limit')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'service', :'service')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'service') \gexec
REVOKE CONNECT ON DATABASE :"service" FROM PUBLIC;
SQL
}

create auth 34
create orders 40
create inventory 10
create payments 10
