# What walk.sh and walk-proctor.sh have in common; sourced, with the file of logins as $1 (data/demo.json when left out).
bin=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.venv/bin
logins=$(realpath "${1:-data/demo.json}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# pick EXPRESSION: what a Python expression makes of the JSON `d` on standard input
pick() { "$bin/python" -c "import json, sys; d = json.load(sys.stdin); print($1)"; }

# call TOKEN METHOD PATH [BODY]: the answer's body, also of a refusal. Before it may stand key=... (an Idempotency-Key),
# last=... (a Last-Event-ID) and seconds=... (how long to read a stream).
call() {
    curl --silent --show-error --no-buffer --request "$2" "$api$3" --header "Authorization: Bearer $1" \
        --header 'Accept-Language: en' --header 'Content-Type: application/json' \
        ${key:+--header "Idempotency-Key: $key"} ${last:+--header "Last-Event-ID: $last"} \
        ${seconds:+--max-time "$seconds"} ${4+--data-binary "$4"}
}

# staff USERNAME: an access token
staff() {
    local password
    password=$(pick "next(one['password'] for one in d['staff'] if one['username'] == '$1')" < "$logins")
    curl --silent --show-error --fail-with-body "$api/auth/token" \
        --data-urlencode "username=$1" --data-urlencode "password=$password" | pick "d['access_token']"
}

say() { printf '\n== %s\n' "$*"; }

api=$(pick "d['address']" < "$logins")/api/v1
