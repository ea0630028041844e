#!/bin/sh
# The public API as a customer sees it: smoke-test.sh BASE_URL EXAMPLE_SCRIPT
set -eu
base=$1 example=$2
script=$(sed "s|^export BASE=.*|export BASE=$base|" "$example")
token=$(sed -n 's/^export TEMPORIS_TOKEN=//p' "$example")

step() { echo "- $1"; }
fail() { echo "FAILED: $1" >&2; exit 1; }
# post PATH TOKEN BODY: prints the status, and leaves the answer in /tmp/answer
post() {
  printf 'Authorization: Bearer %s\n' "$2" \
    | curl -sS -o /tmp/answer -w '%{http_code}' -H @- -H 'Content-Type: application/json' -d "$3" "$base$1"
}

step "the worked example predicts"
echo "$script" | sh > /tmp/answer
jq -e '(.predictions | length == 5) and all(.predictions[]; .loss > 0 and (.data | length) == 64)' /tmp/answer > /dev/null \
  || fail "$(head -c 300 /tmp/answer)"

step "the operator's public profile predicts"
status=$(post /v1/predict "$token" '{"data_profile": "temporis/demo_hourly", "count": 2, "temperature": 1.0, "top_p": 0.9}')
[ "$status" = 200 ] || fail "$status $(cat /tmp/answer)"

step "a row is ingested"
row="{\"timestamp\": $(date +%s), \"name\": \"smoke_test\", \"value\": 1}"
status=$(post /v1/data_sources/ingest "$token" "{\"data_source\": \"store_metrics\", \"records\": [$row]}")
[ "$status" = 204 ] || fail "$status $(cat /tmp/answer)"

step "another token is refused"
status=$(post /v1/predict ts_none '{}')
[ "$status $(cat /tmp/answer)" = '401 {"detail": "Invalid access token."}' ] || fail "$status $(cat /tmp/answer)"

step "the dashboard shows a page"
curl -fsSL -o /tmp/answer "$base/dashboard"
grep -qi '<html' /tmp/answer || fail "no page"

echo "All is well."
