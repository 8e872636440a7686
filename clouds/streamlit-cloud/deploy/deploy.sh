#!/usr/bin/env bash
# Streamlit Community Cloud serves the branch `live`: move it to this commit, and back if the app
# stops answering. Needs LIVE_URL, the app's address; deploy/README.md says what it can see.
set -euo pipefail
cd "$(dirname "$0")/.."

# 200 while it runs, 400 while it sleeps; the address itself redirects either way.
runs() {
  local health=${LIVE_URL:-}/~/+/_stcore/health
  [ "$(curl --silent --output /dev/null --write-out "%{http_code}" --max-time 30 "$health")" = 200 ]
}

move() { git push --quiet --force origin "$1:refs/heads/live"; }

# The page as it will run there, with nothing but the requirements.
uv run --no-project --isolated --with-requirements deploy/requirements.txt python - <<'PYTHON'
from pathlib import Path
from streamlit.testing.v1 import AppTest
page = AppTest.from_file(str(Path("deploy/streamlit_app.py").resolve()), default_timeout=120).run()
if wrong := [*page.exception, *page.error]:
    raise SystemExit(f"The dashboard does not run, so live stays where it is: {wrong[0].value}")
PYTHON

before=$(git ls-remote origin refs/heads/live | cut -f 1)
[ -z "$before" ] || git fetch --quiet origin live # to be able to go back to it
if ! runs; then
  move HEAD
  echo "live is at $(git rev-parse --short HEAD). The app sleeps, or is not there yet: nobody asked it."
  exit
fi
move HEAD
sleep 60 # Streamlit takes the branch in less, and starts anew where the requirements changed
for _ in {1..60}; do
  if runs; then
    echo "$LIVE_URL runs, with live at $(git rev-parse --short HEAD)."
    exit
  fi
  sleep 10
done
echo "$LIVE_URL has stopped: live goes back to ${before:-nothing}." >&2
[ -z "$before" ] || move "$before"
exit 1
