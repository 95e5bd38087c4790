#!/bin/sh
# Starts a server of the live store, or a Sentinel that watches over them:
#
#   valkey.sh node        NAME, PORT, PASSWORD; PRIMARY where it begins as a replica ("host port")
#   valkey.sh sentinel    NAME, PORT, PASSWORD; PRIMARY ("host port")
#
# NAME is what others reach it by, BIND the addresses it listens on where that shall not be all of the machine.
# At the first start the settings become its own file in FOLDER, which it rewrites whenever roles change: after a failover
# it comes back as what it was last, not as what it was first. To change settings later, change that file too.
set -eu

what=$1
settings=${SETTINGS:-/etc/leitai}
folder=${FOLDER:-/data}
own=$folder/$what.conf

if [ ! -f "$own" ]; then
  {
    echo "port $PORT"
    echo "dir \"$folder\""
    [ -z "${BIND:-}" ] || echo "bind $BIND"
    if [ "$what" = node ]; then
      cat "$settings/valkey.conf"
      echo "requirepass \"$PASSWORD\""
      echo "masterauth \"$PASSWORD\""
      echo "replica-announce-ip \"$NAME\""
      [ -z "${PRIMARY:-}" ] || echo "replicaof $PRIMARY"
    else
      sed "s/^sentinel monitor leitai .* /sentinel monitor leitai $PRIMARY /" "$settings/sentinel.conf"
      echo "sentinel auth-pass leitai \"$PASSWORD\""
      echo "sentinel announce-ip \"$NAME\""
    fi
  } > "$own.new"
  chmod 600 "$own.new"
  mv "$own.new" "$own"
fi

if [ "$what" = sentinel ]; then
  exec valkey-server "$own" --sentinel
fi
exec valkey-server "$own"
