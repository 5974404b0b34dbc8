"""Reads the headers of logs with inspect-ai and prints how many seconds that took, without what came before."""

import sys
from time import perf_counter

from inspect_ai.log import read_eval_log

begun = perf_counter()
for path in sys.argv[1:]:
    log = read_eval_log(path, header_only=True)
    assert log.status == "success" and log.results is not None
print(perf_counter() - begun)
