import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import module, { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { builtOrSource } from "./built.ts";

export type StartedProcess = {
  pid: number;
  /** Resolves with the first message that the process sends; rejects if the process ends without one. */
  firstMessage: Promise<unknown>;
  /**
   * Resolves with the next message that the process sends from now on; rejects if the process ends without one. A message
   * with a topic reaches only callers that ask for that topic.
   */
  nextMessage(topic?: string): Promise<unknown>;
  /** Resolves when the process ends, with its exit code or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  /** Sends `SIGKILL` and waits until the process has ended: no handler runs, and nothing is cleaned up. */
  kill(): Promise<void>;
  /** Sends a signal, such as `SIGSTOP`, which freezes the process, or `SIGCONT`, which resumes it. */
  signal(signal: NodeJS.Signals): void;
  send(message: string, topic?: string): void;
};

type Message = { message: unknown; topic: string | undefined };

const running = new Set<ChildProcess>();

// Child processes must not outlive this one. After a SIGKILL, only the child can notice: see `endWithParent`.
const killAll = () => {
  for (const child of running) child.kill("SIGKILL");
};

/** Runs a TypeScript file in a child process; `env` is added to the environment of this one. */
export function startProcess(file: string, env: Record<string, string> = {}): StartedProcess {
  const toLoad = builtOrSource(file);
  const child = fork(toLoad, {
    env: { ...process.env, ...env },
    execArgv: toLoad === file ? withTsx() : [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  if (running.size === 0) process.on("exit", killAll);
  running.add(child);

  const ended = once(child, "exit").then(([code, signal]) => {
    running.delete(child);
    if (running.size === 0) process.off("exit", killAll);
    return (signal ?? code) as number | NodeJS.Signals;
  });
  const nextMessage = (topic?: string) =>
    Promise.race([
      nextFrom(child, topic),
      ended.then((how) => {
        throw new Error(`${file} ended (${how}) before it sent a message`);
      }),
    ]);
  const firstMessage = nextMessage();
  // A process that sends no message is an error only for a caller that awaits one.
  firstMessage.catch(() => {});

  return {
    pid: child.pid as number,
    firstMessage,
    nextMessage,
    ended,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    signal(signal) {
      child.kill(signal);
    },
    send(message, topic) {
      // Sending fails if the process has just ended; `ended` reports that.
      child.send({ message, topic } satisfies Message, () => {});
    },
  };
}

function withTsx(): string[] {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  // Before Node 20.6 a loader could not be registered by an import.
  return ["register" in module ? "--import" : "--loader", tsx];
}

/** Call this in a process that `startProcess` started: the process then ends when its parent ends. */
export function endWithParent(): void {
  process.on("disconnect", () => process.exit(0));
}

/** Sends a message to the parent process. */
export function tellParent(message: unknown, topic?: string): void {
  process.send?.({ message, topic } satisfies Message);
}

/** Resolves with the next message from the parent process. */
export function nextMessage(topic?: string): Promise<unknown> {
  return nextFrom(process, topic);
}

/** Sends a message to the parent process. Resolves when the parent answers. */
export async function tellAndWait(message: unknown): Promise<void> {
  const answer = nextMessage();
  tellParent(message);
  await answer;
}

function nextFrom(other: NodeJS.EventEmitter, topic: string | undefined): Promise<unknown> {
  return new Promise((resolve) => {
    const hear = (said: Message) => {
      if (said.topic !== topic) return;
      other.off("message", hear);
      resolve(said.message);
    };
    other.on("message", hear);
  });
}
