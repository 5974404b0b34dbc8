import type { Failure } from "../../domain/failure.ts";
import { plainText } from "../../domain/plain-text.ts";
import type { TrainingPoint } from "../../domain/optimizer.ts";
import { advanceFailing, type Failing, failureOf, goOn, noFailure } from "./failure.ts";
import { parseBars } from "./parse-bars.ts";
import { advanceProgress, isNews, type Progress } from "./progress.ts";
import { advanceSaves, noSaves, type Saves, unfinishedEpoch } from "./saves.ts";

/** What a job's output says. */
export interface OutputReading {
  /** Whether it is the output of a training at all: a recipe says that it runs, or a bar shows a loss. */
  readonly isTraining: boolean;
  readonly progress: Progress;
  readonly saves: Saves;
  /** 0-based epoch whose saving was announced but never came to its end. */
  readonly unfinishedEpoch?: number;
  readonly failure?: Failure;
}

/**
 * Parses a job's output as its bytes arrive, in pieces of any size.
 *
 * Standard output and standard error of all the job's programs are mixed in it. tqdm begins each refresh with a carriage
 * return and no line break, or, while two bars live, with both and the code for "cursor up" at the end; whatever comes
 * next is glued to the bar. When a recipe begins anew in the same file (a requeued job that appends), what came before
 * it is forgotten.
 */
export class OutputParser {
  readonly #decoder = new TextDecoder();
  #state = nothing;
  #unended = "";

  /** Takes in the next bytes. */
  feed(bytes: Uint8Array): void {
    const lines = (this.#unended + this.#decoder.decode(bytes, { stream: true })).split(lineBreak);
    this.#unended = lines.pop() ?? "";
    for (const line of lines) this.#state = advance(this.#state, `${line}\n`);
    if (this.#unended.length > longestLine) {
      this.#state = advance(this.#state, this.#unended);
      this.#unended = "";
    }
  }

  /** Says what is known by now; the last line counts as far as it has come. */
  read(): OutputReading {
    const { isTraining, progress, saves, failing } = advance(this.#state, this.#unended);
    const unfinished = unfinishedEpoch(saves, progress.last?.epoch);
    const failure = failureOf(failing);
    return {
      isTraining, progress, saves,
      ...(unfinished === undefined ? {} : { unfinishedEpoch: unfinished }),
      ...(failure === undefined ? {} : { failure }),
    };
  }
}

/** Parses all points of a training from its whole output, in the order of their first appearance; the last value of a point counts. */
export function parsePoints(output: string): readonly TrainingPoint[] {
  const points = new Map<string, TrainingPoint>();
  for (const line of output.split(lineBreak)) {
    if (bannerPattern.test(line)) points.clear();
    for (const { epoch, step, loss } of parseBars(`${line}\n`).bars) points.set(`${epoch}|${step}`, { epoch, step, loss });
  }
  return [...points.values()];
}

interface State {
  readonly isTraining: boolean;
  readonly progress: Progress;
  readonly saves: Saves;
  readonly failing: Failing;
}

const nothing: State = { isTraining: false, progress: {}, saves: noSaves, failing: noFailure };

const lineBreak = /[\r\n]+/u;

// A file without any line break must not fill the memory.
const longestLine = 65_536;

// `Running LoRAFinetuneRecipeSingleDevice with resolved config:`
const bannerPattern = /\bRunning \S+ with resolved config/u;

// Setting up is over: whatever was reported and survived before that did no harm.
const setupPattern = /^(?:Model|Tokenizer|Optimizer|Loss|Learning rate scheduler)\b.* (?:is|are) initialized/u;

function advance(state: State, line: string): State {
  const { bars, rest } = parseBars(line);
  return takeText(bars.reduce<State>(takeBar, state), rest);
}

function takeBar(state: State, bar: Parameters<typeof advanceProgress>[1]): State {
  const failing = isNews(state.progress, bar) ? goOn(state.failing) : state.failing;
  return { isTraining: true, progress: advanceProgress(state.progress, bar), saves: state.saves, failing };
}

function takeText(state: State, rest: string): State {
  if (/^(?:\s|\u001B\[A)*$/u.test(rest)) return state;
  const text = plainText(rest).trimEnd();
  if (bannerPattern.test(text)) return { ...nothing, isTraining: true };
  const saves = advanceSaves(state.saves, text, state.progress.last?.epoch);
  const wentOn = saves.lines > state.saves.lines || setupPattern.test(text);
  const failing = advanceFailing(wentOn ? goOn(state.failing) : state.failing, text, state.isTraining);
  return { ...state, saves, failing };
}
