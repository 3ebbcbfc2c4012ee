#!/bin/bash
# Fills templates with variables, runs what lies in /docker-entrypoint.d, then becomes nginx.
set -euo pipefail

# Only variables that are set are filled in: nginx's own ($host, $uri) stay.
fill_templates() {
    local template target names
    names=$(env -0 | sed -z 's/=.*//' | tr '\0' '\n' | sed 's/^\(.*\)$/${\1}/' | tr '\n' ' ')
    while IFS= read -r -d '' template; do
        target=/etc/nginx/conf.d/${template#/etc/nginx/templates/}
        target=${target%.template}
        mkdir -p "$(dirname "$target")"
        envsubst "$names" <"$template" >"$target"
    done < <(find /etc/nginx/templates -follow -name '*.template' -print0 2>/dev/null)
}

run_scripts() {
    local script
    for script in /docker-entrypoint.d/*; do
        case $script in
        *.envsh) if [[ -x $script ]]; then . "$script"; fi ;;
        *.sh) if [[ -x $script ]]; then "$script"; fi ;;
        esac
    done
}

if [[ ${1:-} == nginx || ${1:-} == nginx-debug ]]; then
    fill_templates
    run_scripts
fi
exec "$@"
