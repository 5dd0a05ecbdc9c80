import { expect, test } from "vitest";

type Event = { position: number; name: string };

/** Two chains side by side. What it is told comes from `tell`, and the calls that it makes are noted. */
async function twoChains(tell: (call: Event) => Promise<void>): Promise<Event[]> {
  const calls: Event[] = [];
  const step = async (name: string) => {
    const call = { position: calls.length + 1, name };
    calls.push(call);
    await tell(call);
  };
  const chain = async (name: string) => {
    await step(`${name}1`);
    await step(`${name}2`);
  };
  await Promise.all([chain("a"), chain("b")]);
  return calls;
}

/** Tells calls what they came to in this order, one at a time, and the next when the program is quiet. */
function inOrder(positions: number[]): (call: Event) => Promise<void> {
  const waiting = new Map<number, () => void>();
  const deliver = async () => {
    for (const position of positions) {
      while (!waiting.has(position)) await new Promise((resolve) => setImmediate(resolve));
      waiting.get(position)?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  deliver();
  return ({ position }) => new Promise((resolve) => waiting.set(position, resolve));
}

// b1, which is call 2, is done first.
const LOG = [2, 1, 3, 4];

test("a replay that tells each call at once makes other calls than the first run made", async () => {
  const first = await twoChains(inOrder(LOG));
  const replay = await twoChains(async () => {});
  expect(first.map(({ name }) => name)).toEqual(["a1", "b1", "b2", "a2"]);
  expect(replay.map(({ name }) => name)).toEqual(["a1", "b1", "a2", "b2"]);
});

test("one that keeps to the order makes the same", async () => {
  expect(await twoChains(inOrder(LOG))).toEqual(await twoChains(inOrder(LOG)));
});
