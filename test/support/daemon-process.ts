import { spawn } from "node:child_process";

/** A nightshift that runs as a process of its own, as a user starts it. */
export interface DaemonProcess {
  readonly pid: number;
  /** What it has said so far, on both streams. */
  said(): string;
  isOver(): boolean;
  readonly exit: Promise<Exit>;
  signal(signal: NodeJS.Signals): void;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface DaemonStart {
  /** The built program, `dist/nightshift.js`. */
  readonly program: string;
  readonly parameters: readonly string[];
  /** Stands in for `~/.local/state`: nothing of the user's own is touched. */
  readonly stateHome: string;
  /** A command that runs the program and leaves it this process's child, such as `strace -D`. */
  readonly under?: readonly string[];
}

/** Starts nightshift with the Node that runs this. Whoever starts it sees to its end. */
export function startDaemon({ program, parameters, stateHome, under = [] }: DaemonStart): DaemonProcess {
  const [file = process.execPath, ...rest] = [...under, process.execPath, program, ...parameters];
  const child = spawn(file, rest, { env: { ...process.env, XDG_STATE_HOME: stateHome, NO_COLOR: "1" }, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => { said += text; });
  const exit = new Promise<Exit>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  return {
    pid: child.pid ?? -1,
    said: () => said,
    isOver: () => child.exitCode !== null || child.signalCode !== null,
    exit,
    signal: (signal) => { child.kill(signal); },
  };
}
