"""What `make run` says once the product answers."""

import os
import sys
from typing import Any

WELCOME = """
  Tabdil is ready:  http://{HOST}:{PORT}

  Sign in as        admin     administrator
                    manager   sales manager
                    sara      salesperson, first team
                    omid      salesperson, second team
                    reader    read-only
  Password          tabdil-demo

  Ctrl+C stops it. The data is in {VAR_DIR}; removing that folder begins anew.

"""


def when_ready(_server: Any) -> None:
    sys.stdout.write(WELCOME.format_map(os.environ))
    sys.stdout.flush()
