#!/usr/bin/env bash
# Deploy this commit on Google Cloud Run; nobody is sent to it before it answers.
# Needs gcloud, signed in, and REGION (such as europe-west1).
set -euo pipefail
cd "$(dirname "$0")/.."
name={{ cookiecutter.project_slug }}

run() {
  gcloud run services "$@" --region "$REGION"
}

# A first version has nothing to stand beside, so it goes online at once.
aside=()
if run describe "$name" >/dev/null 2>&1; then aside=(--no-traffic); fi
gcloud run deploy "$name" --quiet --source . --region "$REGION" --tag next "${aside[@]}" \
  --memory 512Mi --max-instances 2 --allow-unauthenticated --startup-probe httpGet.path=/health

next=$(run describe "$name" --format json | jq --raw-output '.status.traffic[] | select(.tag == "next").url')
if curl --fail --silent --retry 5 --retry-all-errors --max-time 60 "$next/health" | grep --quiet "$(cat models/current.txt)"; then
  run update-traffic "$name" --to-latest
  run describe "$name" --format "value(status.url)"
else
  echo "$next does not serve $(cat models/current.txt): what was online stays." >&2
  exit 1
fi
