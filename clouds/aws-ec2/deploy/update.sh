#!/usr/bin/env bash
# On the machine: serve this commit, and go back to the image before if it does not answer.
set -euo pipefail
cd "$(dirname "$0")/.."
export HOME="${HOME:-/root}" # cloud-init and Systems Manager set none, and Docker wants one
name={{ cookiecutter.project_slug }}

start() {
  docker rm --force "$name" >/dev/null 2>&1 || true # the first time there is none
  docker run --pull never --detach --name "$name" --restart unless-stopped --publish 80:8000 \
    --volume "$name-logs:/app/logs" "$1" >/dev/null
}

serves() {
  for _ in {1..30}; do
    if curl --fail --silent --max-time 5 http://127.0.0.1/health | grep --quiet "\"$version\""; then
      return
    fi
    sleep 2
  done
  return 1
}

version=$(cat models/current.txt)
docker build --quiet --tag "$name:new" . >/dev/null
if start "$name:new" && serves; then
  docker tag "$name:new" "$name:served"
  docker system prune --force >/dev/null
  echo "Serves $version."
else
  echo "Does not serve $version: back to the image before. The log of the new one ends with:" >&2
  docker logs --tail 20 "$name" >&2
  start "$name:served" || echo "There is none." >&2
  exit 1
fi
