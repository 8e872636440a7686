#!/usr/bin/env bash
# Deploy this commit on Azure Container Apps; nobody is sent to it before it answers.
# Needs az, signed in, and REGISTRY, the name of a container registry.
set -euo pipefail
cd "$(dirname "$0")/.."
name={{ cookiecutter.project_slug }}
tag=c$(git rev-parse --short=12 HEAD)

app() {
  az containerapp "$@" --name "$name" --resource-group "$name" --output tsv
}

az acr build --registry "$REGISTRY" --image "$name:$tag" .
app revision set-mode --mode multiple
online=$(app show --query properties.latestReadyRevisionName)
app ingress traffic set --revision-weight "$online=100"
app update --image "$REGISTRY.azurecr.io/$name:$tag" --revision-suffix "$tag" --query name

next=https://$(app revision show --revision "$name--$tag" --query properties.fqdn)
if curl --fail --silent --retry 10 --retry-delay 5 --retry-all-errors --max-time 60 "$next/health" | grep --quiet "$(cat models/current.txt)"; then
  app ingress traffic set --revision-weight "$name--$tag=100"
  app revision deactivate --revision "$online"
else
  echo "$next does not serve $(cat models/current.txt): what was online stays." >&2
  app revision deactivate --revision "$name--$tag"
  exit 1
fi
