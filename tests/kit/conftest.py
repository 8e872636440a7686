"""The kit as it stands in the tree, imported as a package of its own."""

import sys

from support import KIT

sys.path.insert(0, str(KIT.parent))
