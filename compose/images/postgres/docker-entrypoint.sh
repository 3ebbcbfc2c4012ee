#!/bin/bash
# Makes the database cluster on the first start, runs what lies in /docker-entrypoint-initdb.d, then becomes the server.
# While it initialises, the server listens on a private socket only: a healthcheck does not succeed too early.
set -euo pipefail

# NAME, or the content of the file that NAME_FILE names, or a default, goes into NAME.
value_or_file() {
    local name=$1 file_name=$1_FILE
    if [[ -n ${!name:-} && -n ${!file_name:-} ]]; then
        echo "error: both $name and $file_name are set" >&2
        exit 1
    fi
    if [[ -n ${!file_name:-} ]]; then
        export "$name=$(<"${!file_name}")"
    else
        export "$name=${!name:-${2:-}}"
    fi
    unset "$file_name"
}

sql() { psql --no-psqlrc --quiet --variable ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password "$@"; }

make_cluster() {
    local arguments=()
    [[ -z ${POSTGRES_INITDB_ARGS:-} ]] || eval "arguments=($POSTGRES_INITDB_ARGS)"
    initdb --no-sync --username "$POSTGRES_USER" --pwfile <(printf '%s\n' "$POSTGRES_PASSWORD") "${arguments[@]}" \
        --pgdata "$PGDATA" >/dev/null
    printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"
    sed -i "s/^#\?listen_addresses = .*/listen_addresses = '*'/" "$PGDATA/postgresql.conf"
}

run_initialisation() {
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
        *.sh) if [[ -x $file ]]; then "$file"; else . "$file"; fi ;;
        *.sql) sql --dbname "$POSTGRES_DB" --file "$file" ;;
        *.sql.gz) gunzip -c "$file" | sql --dbname "$POSTGRES_DB" ;;
        *.sql.xz) xz -dc "$file" | sql --dbname "$POSTGRES_DB" ;;
        *.sql.zst) zstd -dc "$file" | sql --dbname "$POSTGRES_DB" ;;
        *) continue ;;
        esac
        echo "ran $file"
    done
}

initialise() {
    if [[ -z $POSTGRES_PASSWORD && ${POSTGRES_HOST_AUTH_METHOD:-} != trust ]]; then
        echo "error: set POSTGRES_PASSWORD (or POSTGRES_HOST_AUTH_METHOD=trust, which lets anybody in)" >&2
        exit 1
    fi
    make_cluster
    local socket
    socket=$(mktemp -d)
    export PGHOST=$socket PGPASSWORD=$POSTGRES_PASSWORD
    pg_ctl --pgdata "$PGDATA" --silent --wait --log "$socket/log" \
        --options "-c listen_addresses='' -c unix_socket_directories='$socket' -c fsync=off -c logging_collector=off" start ||
        { cat "$socket/log" >&2; exit 1; }
    if [[ $POSTGRES_DB != postgres ]]; then
        sql --dbname postgres --variable name="$POSTGRES_DB" <<<'CREATE DATABASE :"name";'
    fi
    run_initialisation
    pg_ctl --pgdata "$PGDATA" --silent --mode fast --wait stop
    sync --file-system "$PGDATA"
    unset PGHOST PGPASSWORD
    rm -rf "$socket"
    echo "PostgreSQL init process complete; ready for start up."
}

[[ ${1:-} != -* ]] || set -- postgres "$@"
if [[ ${1:-} != postgres ]]; then exec "$@"; fi

if [[ $(id -u) -eq 0 ]]; then
    mkdir -p "$PGDATA"
    find "$PGDATA" /var/run/postgresql ! -user postgres -exec chown postgres: {} +
    chmod 0700 "$PGDATA"
    exec setpriv --reuid postgres --regid postgres --init-groups -- "$BASH" "$0" "$@"
fi

value_or_file POSTGRES_PASSWORD
value_or_file POSTGRES_USER postgres
value_or_file POSTGRES_DB "$POSTGRES_USER"
[[ -s $PGDATA/PG_VERSION ]] || initialise
unset POSTGRES_PASSWORD
exec "$@"
