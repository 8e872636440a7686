"""What Streamlit Community Cloud runs: the dashboard. The requirements beside it are all it has."""

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parents[1]
for folder in ("src", "dashboard"):  # nothing of the project is installed there
    if str(ROOT / folder) not in sys.path:
        sys.path.insert(0, str(ROOT / folder))

st.navigation([ROOT / "dashboard" / "app.py"], position="hidden").run()
