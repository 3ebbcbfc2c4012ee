#!/bin/bash
# Makes the data directory on the first start, runs what lies in /docker-entrypoint-initdb.d, then becomes the server.
# While it initialises, the server listens on a private socket only: a healthcheck does not succeed too early.
set -euo pipefail

readonly DATA=/var/lib/mysql

# Each setting may be named MARIADB_* or MYSQL_*, and hold a value or, with _FILE, the name of a file.
setting() {
    local name
    for name in "MARIADB_$1" "MYSQL_$1"; do
        local file_name=${name}_FILE
        if [[ -n ${!name:-} ]]; then printf '%s' "${!name}" && return; fi
        if [[ -n ${!file_name:-} ]]; then cat "${!file_name}" && return; fi
    done
}

# A string literal of SQL.
quoted() {
    local value=${1//\\/\\\\}
    printf "'%s'" "${value//\'/\'\'}"
}

identifier() { printf '`%s`' "${1//\`/\`\`}"; }

read_settings() {
    root_password=$(setting ROOT_PASSWORD)
    root_host=$(setting ROOT_HOST)
    database=$(setting DATABASE)
    user=$(setting USER)
    password=$(setting PASSWORD)
    if [[ -z $root_password && -n $(setting RANDOM_ROOT_PASSWORD) ]]; then
        root_password=$(head -c 24 /dev/urandom | base64)
        echo "GENERATED ROOT PASSWORD: $root_password"
    elif [[ -z $root_password && -z $(setting ALLOW_EMPTY_PASSWORD)$(setting ALLOW_EMPTY_ROOT_PASSWORD) ]]; then
        echo "error: set MARIADB_ROOT_PASSWORD, MARIADB_RANDOM_ROOT_PASSWORD or MARIADB_ALLOW_EMPTY_ROOT_PASSWORD" >&2
        exit 1
    fi
}

accounts() {
    local secret
    secret=$(quoted "$root_password")
    echo "DELETE FROM mysql.global_priv WHERE User IN ('', 'root') AND Host <> 'localhost'; FLUSH PRIVILEGES;"
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $secret;"
    if [[ ${root_host:=%} != localhost ]]; then
        echo "CREATE USER 'root'@$(quoted "$root_host") IDENTIFIED BY $secret;"
        echo "GRANT ALL ON *.* TO 'root'@$(quoted "$root_host") WITH GRANT OPTION;"
    fi
    [[ -z $database ]] || echo "CREATE DATABASE IF NOT EXISTS $(identifier "$database");"
    if [[ -n $user ]]; then
        echo "CREATE USER $(quoted "$user")@'%' IDENTIFIED BY $(quoted "$password");"
        [[ -z $database ]] || echo "GRANT ALL ON $(identifier "$database").* TO $(quoted "$user")@'%';"
    fi
}

sql() { mariadb --defaults-extra-file="$private/client" "$@"; }

run_initialisation() {
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
        *.sh) if [[ -x $file ]]; then "$file"; else . "$file"; fi ;;
        *.sql) sql ${database:+"$database"} <"$file" ;;
        *.sql.gz) gunzip -c "$file" | sql ${database:+"$database"} ;;
        *.sql.xz) xz -dc "$file" | sql ${database:+"$database"} ;;
        *.sql.zst) zstd -dc "$file" | sql ${database:+"$database"} ;;
        *) continue ;;
        esac
        echo "ran $file"
    done
}

await_server() {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        if mariadb-admin --no-defaults --socket "$private/socket" --user root --silent ping 2>/dev/null; then return; fi
        kill -0 "$1" 2>/dev/null || break
        sleep 0.05
    done
    cat "$private/log" >&2
    exit 1
}

write_client_settings() {
    (umask 077 && printf '[client]\nsocket=%s/socket\nuser=root\npassword="%s"\n' "$private" \
        "$(sed 's/[\\"]/\\&/g' <<<"$root_password")" >"$private/client")
}

initialise() {
    read_settings
    private=$(mktemp -d)
    zstd -dc /usr/share/mysql/fresh.tar.zst | tar --extract --no-same-owner --directory "$DATA"
    "$@" --skip-networking --socket "$private/socket" --innodb-flush-log-at-trx-commit=0 --pid-file "$private/pid" >"$private/log" 2>&1 &
    local server=$!
    await_server "$server"
    accounts | mariadb --no-defaults --socket "$private/socket" --user root
    write_client_settings
    run_initialisation
    sql --execute SHUTDOWN
    wait "$server"
    rm -rf "$private"
    echo "MariaDB init process done. Ready for start up."
}

[[ ${1:-} != -* ]] || set -- mariadbd "$@"
case ${1:-} in
mariadbd | mysqld) ;;
*) exec "$@" ;;
esac

if [[ $(id -u) -eq 0 ]]; then
    find "$DATA" /run/mysqld ! -user mysql -exec chown mysql: {} +
    exec setpriv --reuid mysql --regid mysql --init-groups -- "$BASH" "$0" "$@"
fi

[[ -d $DATA/mysql ]] || initialise "$@"
exec "$@"
