#!/bin/bash
# What the image starts: the dashboards of the project in this folder, until told to end.
# With other words than `serve`, those are run instead: docker run IMAGE bizops check
set -euo pipefail

conf=config/bizops.conf

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "Error: $1"
    say "Next: $2"
    exit 2
}

# The password of BIZOPS_ADMIN_PASSWORD, or of the file BIZOPS_ADMIN_PASSWORD_FILE names;
# else a new one, told once. It is never an argument of a process.
admin_password() {
    if [ -n "${BIZOPS_ADMIN_PASSWORD:-}" ]; then
        printf '%s' "$BIZOPS_ADMIN_PASSWORD"
    elif [ -n "${BIZOPS_ADMIN_PASSWORD_FILE:-}" ]; then
        cat -- "$BIZOPS_ADMIN_PASSWORD_FILE"
    else
        local made
        made=$(head -c 18 /dev/urandom | base64 | tr '+/' '-_')
        say "The administrator's password, told only now: $made"
        printf '%s' "$made"
    fi
}

write_conf() {
    local password
    password=$(admin_password)
    mkdir -p config
    (
        umask 077
        cat > "$conf" <<END
[administrator]
username = ${BIZOPS_ADMIN_USERNAME:-admin}
first_name = ${BIZOPS_ADMIN_FIRST_NAME:-BizOps}
last_name = ${BIZOPS_ADMIN_LAST_NAME:-Administrator}
email = ${BIZOPS_ADMIN_EMAIL:-admin@bizops.invalid}
password = $password

[display]
host = 0.0.0.0
port = ${BIZOPS_DISPLAY_PORT:-8088}
behind_https = ${BIZOPS_BEHIND_HTTPS:-no}
END
    )
}

stop() {
    trap - TERM INT
    bizops display down || true
    bizops warehouse stop 2> /dev/null || true # a server of yours goes on
    exit 0
}

serve() {
    [ -f bizops.yml ] || fail "there is no bizops.yml in $PWD" \
        "Mount your project there, or make one: docker run --volume ...:$PWD IMAGE bizops init NAME"
    [ -w . ] || fail "user $(id -u) may not write to $PWD" \
        "Give the folder to that user: chown -R $(id -u) FOLDER"
    [ -f "$conf" ] || write_conf
    unset BIZOPS_ADMIN_PASSWORD
    trap stop TERM INT
    bizops display up
    # The server keeps this file locked; when it ends, the container ends as well.
    flock --shared .bizops/display/server.lock true &
    wait $! || true
    say "Error: the dashboards have ended"
    tail -n 20 .bizops/display/server.log >&2
    exit 1
}

if [ "${1:-serve}" = serve ]; then
    serve
fi
exec "$@"
