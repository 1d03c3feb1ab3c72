#!/bin/bash
# Whether a service is ready. bash opens the connection itself: a Node process for each question would cost
# more than the service does when it is idle.
exec 3<>"/dev/tcp/127.0.0.1/${MANAGEMENT_PORT:-$PORT}" || exit 1
printf 'GET /health/ready HTTP/1.0\r\n\r\n' >&3
read -r -t 2 _ status _ <&3
[ "$status" = 200 ]
