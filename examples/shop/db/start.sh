#!/bin/sh
# The first start makes the data beside its place, so that a start that is cut short leaves nothing half done.
set -e
export PATH=/usr/lib/postgresql/15/bin:$PATH
data=/var/lib/postgresql/data
if [ ! -s "$data/PG_VERSION" ]; then
  rm -rf "$data" "$data.new"
  initdb -D "$data.new" -U shop --pwfile=/run/secrets/password --auth-local=trust --auth-host=scram-sha-256 >/dev/null
  echo 'host all all all scram-sha-256' >>"$data.new/pg_hba.conf"
  postgres --single -D "$data.new" postgres </shop/schema.sql >/dev/null
  mv "$data.new" "$data"
fi
rm -f "$data/postmaster.pid"
exec postgres -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp
