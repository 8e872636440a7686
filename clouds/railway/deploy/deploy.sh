#!/usr/bin/env bash
# Deploy this commit on Railway, and the one before again if it does not answer.
# Needs RAILWAY_TOKEN, RAILWAY_SERVICE and LIVE_URL; deploy/README.md says where they are.
set -euo pipefail
cd "$(dirname "$0")/.."

# Railway serves the version before until the new one answers the health check of railway.json.
deploy() {
  npx --yes @railway/cli@5 up --ci --service "$RAILWAY_SERVICE"
}

# The new version takes over some time after its image is built.
serves() {
  for _ in $(seq 30); do
    curl --silent --max-time 10 "$LIVE_URL/health" | grep --quiet "$1" && return
    sleep 10
  done
  return 1
}

wanted=$(cat models/current.txt)
if deploy && serves "$wanted"; then
  echo "$LIVE_URL serves $wanted."
else
  echo "$LIVE_URL does not serve $wanted: back to the commit before." >&2
  git checkout --quiet HEAD^
  deploy
  exit 1
fi
