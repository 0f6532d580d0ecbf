"""Does a web server answer? Exit code 0 where it says 200: a health check of a container, which has no curl.

Usage: python deploy/answers.py URL
"""

import sys
import urllib.request

with urllib.request.urlopen(sys.argv[1], timeout=8) as answer:
    sys.exit(answer.status != 200)
