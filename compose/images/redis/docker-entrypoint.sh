#!/bin/bash
# Becomes the server, as user redis. Protected mode is off, as it is in the official image: a container's network is
# its protection.
set -euo pipefail

[[ ${1:-} != -* && ${1:-} != *.conf ]] || set -- redis-server "$@"
case ${1:-} in
redis-server | valkey-server) ;;
*) exec "$@" ;;
esac
[[ " $* " == *protected-mode* ]] || set -- "$@" --protected-mode no
if [[ $(id -u) -eq 0 ]]; then
    find . ! -user redis -exec chown redis: {} +
    exec setpriv --reuid redis --regid redis --init-groups -- "$@"
fi
exec "$@"
