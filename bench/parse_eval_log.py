"""What the documents run for each log: one Python that reads its header and prints what a summary needs."""

import json
import sys

from inspect_ai.log import read_eval_log

log = read_eval_log(sys.argv[1], header_only=True)
score = log.results.scores[0]
print(json.dumps({"status": "success", "task": log.eval.task, "accuracy": score.metrics["accuracy"].value, "samples": log.results.total_samples, "scorer": score.name, "model": log.eval.model}))
