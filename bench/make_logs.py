"""Makes the logs that bench/main.ts reads: FOLDER/small holds 1,000 logs of about 1 MB, FOLDER/big one of 20,000 samples.

A real evaluation of a few samples gives one log; its samples are repeated under other ids and with other texts, and
inspect-ai itself writes the logs. Of the 1,000, ten are different and the rest are copies.
"""

import random
import shutil
import sys
from pathlib import Path

from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.log import read_eval_log, write_eval_log
from inspect_ai.model import ModelOutput
from inspect_ai.scorer import includes, match
from inspect_ai.solver import solver

SEED = 5
WORDS = [f"{stem}{end}" for stem in ("cap", "run", "rank", "match", "epoch", "layer", "token") for end in ("", "s", "ing", "ed", "er")]


@solver
def answer():
    async def solve(state, generate):
        state.output = ModelOutput.from_content("mockllm/model", "yes" if int(state.sample_id) % 3 else "no")
        state.messages.append(state.output.message)
        return state

    return solve


def text(dice: random.Random, length: int) -> str:
    # Digits keep it from being packed to nothing: models' answers come down to about a third.
    return " ".join(f"{dice.choice(WORDS)}{dice.randrange(10**6)}" for _ in range(length // 10))


def write(log, path: Path, samples: int, length: int, dice: random.Random) -> None:
    copies = []
    for number in range(samples):
        sample = log.samples[number % len(log.samples)].model_copy(deep=True)
        sample.id, sample.uuid = number + 1, f"u{number:021d}"
        sample.input = text(dice, length)
        copies.append(sample)
    results = log.results.model_copy(update={"total_samples": samples, "completed_samples": samples})
    for score in results.scores:
        score.scored_samples = samples
    dataset = log.eval.dataset.model_copy(update={"samples": samples, "sample_ids": [sample.id for sample in copies]})
    written = log.model_copy(update={"samples": copies, "results": results, "eval": log.eval.model_copy(update={"dataset": dataset}), "reductions": None})
    write_eval_log(written, str(path))


def main(folder: Path) -> None:
    dice = random.Random(SEED)
    small, big = folder / "small", folder / "big"
    for place in (small, big):
        place.mkdir(parents=True)
    shutil.copyfile(__file__, folder / "recipe.py")
    dataset = [Sample(id=number, input="x", target="yes") for number in range(1, 11)]
    task = Task(dataset=dataset, solver=answer(), scorer=[match(), includes()], name="bench")
    (done,) = eval(task, model="mockllm/model", log_dir=str(folder / "seed"), display="none")
    log = read_eval_log(done.location)
    for number in range(10):
        write(log, small / f"{number:04d}.eval", 100, 11_000, dice)
    for number in range(10, 1000):
        shutil.copyfile(small / f"{number % 10:04d}.eval", small / f"{number:04d}.eval")
    write(log, big / "big.eval", 20_000, 200, dice)


main(Path(sys.argv[1]))
