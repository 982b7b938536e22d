#!/bin/sh
set -e
cat >/etc/rabbitmq/rabbitmq.conf <<CONF
default_user = shop
default_pass = $(cat /run/secrets/password)
loopback_users = none
log.console = true
log.console.level = warning
log.file = false
CONF
exec /usr/lib/rabbitmq/bin/rabbitmq-server
