import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type StartedProcess, startProcess } from "../runtime/processes/index.ts";
import type { Random } from "../testing/random.ts";

type Member = { process: StartedProcess; state: "starting" | "working" | "frozen" | "leaving" };

// A worker's deadline, grace period and last writes take less time, but the machine may be busy.
const LONGEST_STOP_MS = 60_000;

/** Worker processes with one worker each. A process that ends is replaced. */
export class Fleet {
  /** One line for each worker that ended unexpectedly or did not stop in time. */
  readonly violations: string[] = [];
  readonly counts = { kills: 0, stops: 0, freezes: 0, "kills by tasks": 0 };
  readonly #env: Record<string, string>;
  readonly #random: Random;
  readonly #members = new Set<Member>();
  #isClosing = false;

  constructor(size: number, env: Record<string, string>, random: Random) {
    this.#env = env;
    this.#random = random;
    for (let count = 0; count < size; count += 1) this.#start();
  }

  /** Sends `SIGKILL` to one worker. */
  kill(): void {
    const member = this.#pick("starting", "working", "frozen");
    if (!member) return;
    this.counts.kills += 1;
    member.state = "leaving";
    member.process.kill();
  }

  /** Sends `SIGTERM` to one worker, which requeues the tasks that it does not finish. */
  stop(): void {
    const member = this.#pick("working");
    if (!member) return;
    this.counts.stops += 1;
    this.#ask(member, () => member.process.signal("SIGTERM"));
  }

  /** Freezes one worker with `SIGSTOP`, and continues it after `ms` milliseconds. */
  async freeze(ms: number): Promise<void> {
    const member = this.#pick("working");
    if (!member) return;
    this.counts.freezes += 1;
    member.state = "frozen";
    member.process.signal("SIGSTOP");
    await pause(ms);
    if (member.state !== "frozen") return;
    member.process.signal("SIGCONT");
    member.state = "working";
  }

  /** Stops all workers and waits until they have ended. Call this when no worker is frozen. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const { process } of this.#members) await process.firstMessage.catch(() => {});
    for (const member of this.#members) {
      if (member.state !== "leaving") this.#ask(member, () => member.process.send("", "close"));
    }
    await Promise.all([...this.#members].map(({ process }) => process.ended));
  }

  /** Kills all workers, and replaces none. */
  abandon(): void {
    this.#isClosing = true;
    for (const { process } of this.#members) process.kill();
  }

  #start(): void {
    const seed = String(this.#random.below(1_000_000_000));
    const file = fileURLToPath(new URL("soak-worker.ts", import.meta.url));
    const member: Member = {
      process: startProcess(file, { ...this.#env, SOAK_SEED: seed }),
      state: "starting",
    };
    this.#members.add(member);
    member.process.firstMessage.then(
      () => {
        if (member.state === "starting") member.state = "working";
      },
      () => {},
    );
    member.process.ended.then((how) => this.#replace(member, how));
  }

  #replace(member: Member, how: number | NodeJS.Signals): void {
    this.#members.delete(member);
    if (how === "SIGKILL" && member.state !== "leaving") this.counts["kills by tasks"] += 1;
    else if (how !== "SIGKILL" && !(how === 0 && member.state === "leaving")) {
      this.violations.push(`a worker ended unexpectedly: ${how}`);
    }
    if (!this.#isClosing) this.#start();
  }

  #ask(member: Member, tell: () => void): void {
    member.state = "leaving";
    tell();
    const timer = setTimeout(() => {
      this.violations.push(`a worker did not stop within ${LONGEST_STOP_MS} ms`);
      member.process.kill();
    }, LONGEST_STOP_MS);
    member.process.ended.then(() => clearTimeout(timer));
  }

  #pick(...states: Member["state"][]): Member | undefined {
    const members = [...this.#members].filter(({ state }) => states.includes(state));
    return members.length === 0 ? undefined : this.#random.among(members);
  }
}
