#!/bin/bash
# Exits with 0 if the service is ready. bash opens the connection itself, because a Node process per check would
# cost more than an idle service.
exec 3<>"/dev/tcp/127.0.0.1/${MANAGEMENT_PORT:-$PORT}" || exit 1
printf 'GET /health/ready HTTP/1.0\r\n\r\n' >&3
read -r -t 2 _ status _ <&3
[ "$status" = 200 ]
