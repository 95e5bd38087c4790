#!/bin/bash
# Starts the standby: a copy of the primary's data at the first start, following it from then on.
# PRIMARY (host), PRIMARY_PORT, PGPASSWORD, PGDATA. The name `standby` is the one in synchronous_standby_names.
set -euo pipefail

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  rm -rf "$PGDATA.new"
  # A slot keeps on the primary what a standby that was away still needs.
  pg_basebackup --pgdata="$PGDATA.new" --wal-method=stream --checkpoint=fast --write-recovery-conf \
    --create-slot --slot=standby --dbname="host=$PRIMARY port=${PRIMARY_PORT:-5432} user=replicator" \
    || pg_basebackup --pgdata="$PGDATA.new" --wal-method=stream --checkpoint=fast --write-recovery-conf \
      --slot=standby --dbname="host=$PRIMARY port=${PRIMARY_PORT:-5432} user=replicator"
  chmod 700 "$PGDATA.new"
  mv "$PGDATA.new" "$PGDATA"
fi
exec postgres -c cluster_name=standby -c hot_standby=on "$@"
