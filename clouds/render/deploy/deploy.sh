#!/usr/bin/env bash
# Deploy this commit on Render, and go back to the one before if it does not answer.
# Needs RENDER_API_KEY and RENDER_SERVICE (srv-…); deploy/README.md says where they are.
set -euo pipefail
cd "$(dirname "$0")/.."
service=https://api.render.com/v1/services/$RENDER_SERVICE

ask() {
  curl --fail --silent --show-error --max-time 60 --header "Content-Type: application/json" \
    --header "Authorization: Bearer $RENDER_API_KEY" "$@"
}

# Render serves the version before until the new one answers its own health check.
deploy() {
  local id status
  id=$(ask --data "{\"commitId\": \"$1\"}" "$service/deploys" | jq --raw-output .id) || return
  for _ in $(seq 120); do # twenty minutes
    status=$(ask "$service/deploys/$id" | jq --raw-output .status) || return
    [[ $status =~ live|failed|canceled|deactivated ]] && break
    sleep 10
  done
  [ "$status" = live ] || { echo "Render says: $status" >&2; return 1; }
}

serves() {
  curl --fail --silent --retry 5 --retry-all-errors --max-time 90 "$1/health" | grep --quiet "$(cat models/current.txt)"
}

url=$(ask "$service" | jq --raw-output .serviceDetails.url)
before=$(ask "$service/deploys?limit=20" | jq --raw-output '[.[].deploy | select(.status == "live")][0].commit.id // empty')
if deploy "$(git rev-parse HEAD)" && serves "$url"; then
  echo "$url serves $(cat models/current.txt)."
else
  echo "$url does not serve $(cat models/current.txt): back to ${before:-nothing}." >&2
  [ -z "$before" ] || deploy "$before"
  exit 1
fi
