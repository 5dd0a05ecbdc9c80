import { type Random, randomFrom } from "shared/testing";
import { expect, test } from "vitest";
import { Decisions } from "#engine/durable/decisions.ts";
import type { LoggedEvent } from "#engine/durable/event-log.ts";

// `SEED=7 pnpm test` makes the same logs again.
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const LOGS = 2_000;

test("every result is delivered once, in log order, and only after its call", () => {
  const wrong: unknown[] = [];
  for (let index = 0; index < LOGS; index += 1) {
    const random = randomFrom(SEED + index);
    const log = randomLog(random);
    const { delivered, problem } = deliverAll(log, random);
    const expected = resultsOf(log);
    if (problem || String(delivered) !== String(expected)) {
      wrong.push({ index, problem, delivered, expected, log });
    }
  }
  expect({ SEED, wrong: wrong.length, first: wrong[0] }).toEqual({ SEED, wrong: 0 });
});

type Log = {
  /** The events at the claim. */
  before: LoggedEvent[];
  /** The events of this run, in log order. */
  during: LoggedEvent[];
  calls: number;
};

/** Each call fails some of its attempts; each failure before the claim may be reopened. */
function randomLog(random: Random): Log {
  const calls = 1 + random.below(6);
  const ofEachCall = Array.from({ length: calls }, (_, index) => {
    const statuses: LoggedEvent["status"][] = [];
    while (random.chance(0.3)) statuses.push("retried");
    while (random.chance(0.3)) statuses.push("failed", "reopened");
    statuses.push(random.among(["succeeded", "failed"]));
    return statuses.map((status) => ({ position: index + 1, status }));
  });
  const events: LoggedEvent[] = [];
  while (ofEachCall.some(({ length }) => length > 0)) {
    const next = random.among(ofEachCall.filter(({ length }) => length > 0)).shift();
    const call = { kind: "step", name: "charge", inputHash: null } as const;
    if (next) {
      events.push({ ...call, ...next, seq: events.length + 1, attempt: 1, output: 0, error: null });
    }
  }
  // A failure is only reopened between two runs.
  const lastReopened = events.findLastIndex(({ status }) => status === "reopened");
  const atClaim = lastReopened + 1 + random.below(events.length - lastReopened);
  return { before: events.slice(0, atClaim), during: events.slice(atClaim), calls };
}

/** The sequence numbers of the results that still count: the last event of each call. */
function resultsOf({ before, during }: Log): number[] {
  const last = new Map([...before, ...during].map(({ position, seq }) => [position, seq]));
  return [...last.values()].sort((a, b) => a - b);
}

/** Makes calls, adds events and takes results in random order, until nothing is left. */
function deliverAll({ before, during, calls }: Log, random: Random) {
  const decisions = new Decisions(before, before.length);
  const delivered: number[] = [];
  let problem: string | undefined;
  let replies = during;
  const makeCall = () => {
    decisions.make({ kind: "step", name: "charge", inputHash: null });
  };
  const addReply = () => {
    // Of one call, the events come in order; between two calls, one may overtake the other.
    const ready = replies.filter(
      ({ position }, index) =>
        position <= decisions.made.length &&
        replies.findIndex((each) => each.position === position) === index,
    );
    if (ready.length === 0) return;
    const reply = random.among(ready);
    replies = replies.filter((each) => each !== reply);
    decisions.add(reply);
  };
  const takeResult = () => {
    const result = decisions.next();
    if (!result) return false;
    if (result.position > decisions.made.length) problem = "delivered before its call";
    if (result.status !== "succeeded" && result.status !== "failed") problem = "not a result";
    delivered.push(result.seq);
    return true;
  };
  while (decisions.made.length < calls || replies.length > 0) {
    if (decisions.made.length < calls && random.chance(0.4)) makeCall();
    if (random.chance(0.4)) addReply();
    if (random.chance(0.4)) takeResult();
    if (decisions.phase === "live" && decisions.missing()) problem = "live with a missing call";
  }
  while (takeResult());
  if (decisions.phase !== "live") problem = "never live";
  return { delivered, problem };
}
