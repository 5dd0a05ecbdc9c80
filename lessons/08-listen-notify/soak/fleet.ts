import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type StartedProcess, startProcess } from "shared/processes";
import type { Random } from "./random.ts";

type Member = { process: StartedProcess; state: "starting" | "working" | "frozen" | "leaving" };

// Its deadline, its grace and its last words take less; the machine may be busy with something else.
const LONGEST_STOP_MS = 60_000;

/** Workers, each in a process of its own. Whichever ends is replaced by another one. */
export class Fleet {
  /** What they did that no worker should. */
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

  /** `SIGKILL`: whatever it was doing, it does no more. */
  kill(): void {
    const member = this.#pick("starting", "working", "frozen");
    if (!member) return;
    this.counts.kills += 1;
    member.state = "leaving";
    member.process.kill();
  }

  /** `SIGTERM`: it hands back what it does not finish. */
  stop(): void {
    const member = this.#pick("working");
    if (!member) return;
    this.counts.stops += 1;
    this.#ask(member, () => member.process.signal("SIGTERM"));
  }

  /** It does nothing for a while, and goes on then as if it had not noticed. */
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

  /** Stops them all, with all the time they need; call it when none is frozen. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const { process } of this.#members) await process.firstMessage.catch(() => {});
    for (const member of this.#members) {
      if (member.state !== "leaving") this.#ask(member, () => member.process.send("", "close"));
    }
    await Promise.all([...this.#members].map(({ process }) => process.ended));
  }

  #start(): void {
    const seed = String(this.#random.below(1_000_000_000));
    const file = fileURLToPath(new URL("worker.ts", import.meta.url));
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
      this.violations.push(`a worker ended by itself: ${how}`);
    }
    if (!this.#isClosing) this.#start();
  }

  #ask(member: Member, tell: () => void): void {
    member.state = "leaving";
    tell();
    const timer = setTimeout(() => {
      this.violations.push(`a worker has not stopped in ${LONGEST_STOP_MS} ms`);
      member.process.kill();
    }, LONGEST_STOP_MS);
    member.process.ended.then(() => clearTimeout(timer));
  }

  #pick(...states: Member["state"][]): Member | undefined {
    const members = [...this.#members].filter(({ state }) => states.includes(state));
    return members.length === 0 ? undefined : this.#random.among(members);
  }
}
