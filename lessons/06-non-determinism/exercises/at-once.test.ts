import { expect, test } from "vitest";

type Event = { position: number; name: string };

/** Runs two chains side by side, and returns their calls in order. A call is settled when `settle` resolves. */
async function twoChains(settle: (call: Event) => Promise<void>): Promise<Event[]> {
  const calls: Event[] = [];
  const step = async (name: string) => {
    const call = { position: calls.length + 1, name };
    calls.push(call);
    await settle(call);
  };
  const chain = async (name: string) => {
    await step(`${name}1`);
    await step(`${name}2`);
  };
  await Promise.all([chain("a"), chain("b")]);
  return calls;
}

/** Settles the calls in the order of these positions: one at a time, and the next when the program is quiet. */
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

// The call b1, which has position 2, ends first.
const LOG = [2, 1, 3, 4];

test("a run that settles each call at once makes other calls than the first run", async () => {
  const first = await twoChains(inOrder(LOG));
  const second = await twoChains(async () => {});
  expect(first.map(({ name }) => name)).toEqual(["a1", "b1", "b2", "a2"]);
  expect(second.map(({ name }) => name)).toEqual(["a1", "b1", "a2", "b2"]);
});

test("a run that settles them in log order makes the same calls", async () => {
  expect(await twoChains(inOrder(LOG))).toEqual(await twoChains(inOrder(LOG)));
});
