#!/bin/bash
# Succeeds when the server takes connections, as --connect, --ping and --innodb_initialized ask. During the first start
# it does not: the server then listens on a private socket.
set -euo pipefail

exec mariadb-admin --connect-timeout 2 --silent ping
