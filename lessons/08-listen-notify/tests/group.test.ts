import { Gate } from "shared/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { Group } from "#engine/group.ts";

/** A group that keeps what it writes; each write takes until the gate is open. */
function recording({ most = 100, gate = new Gate() } = {}) {
  const writes: number[][] = [];
  const group = new Group(async (items: number[]) => {
    writes.push(items);
    await gate.pass();
    return items.map((item) => `written ${item}`);
  }, most);
  return { group, writes, gate };
}

test("what comes while a write is under way goes with the next one, in its order", async () => {
  const { group, writes, gate } = recording();
  const first = group.add(1);
  await gate.arrived(1);
  const others = [2, 3, 4].map((item) => group.add(item));
  expect(writes).toEqual([[1]]);
  gate.open();

  expect(await Promise.all([first, ...others])).toEqual([
    "written 1",
    "written 2",
    "written 3",
    "written 4",
  ]);
  expect(writes).toEqual([[1], [2, 3, 4]]);
});

test("what is said in the same turn of the event loop goes together", async () => {
  const { group, writes, gate } = recording();
  gate.open();
  const later = Promise.resolve().then(() => Promise.resolve().then(() => group.add(2)));
  await Promise.all([group.add(1), later]);

  expect(writes).toEqual([[1, 2]]);
});

test("no more than `most` go together, and the rest comes right after", async () => {
  const { group, writes, gate } = recording({ most: 3 });
  gate.open();
  await Promise.all([1, 2, 3, 4, 5, 6, 7].map((item) => group.add(item)));

  expect(writes).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
});

test("one that comes alone waits for no timer", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const { group, writes, gate } = recording();
  gate.open();
  for (const item of [1, 2]) expect(await group.add(item)).toBe(`written ${item}`);

  expect(writes).toEqual([[1], [2]]);
});

test.for(["rejects", "throws"])(
  "a write that %s fails what was part of it, and nothing after it",
  async (how) => {
    let writes = 0;
    const group = new Group((items: number[]) => {
      writes += 1;
      if (writes > 1) return Promise.resolve(items);
      if (how === "throws") throw new Error("refused");
      return Promise.reject(new Error("refused"));
    }, 2);
    const came = await Promise.allSettled([1, 2, 3].map((item) => group.add(item)));

    const refused = { status: "rejected", reason: new Error("refused") };
    expect(came).toEqual([refused, refused, { status: "fulfilled", value: 3 }]);
    expect(await group.add(4)).toBe(4);
  },
);

test("what is added as soon as an answer is there is written too", async () => {
  const { group, writes, gate } = recording();
  gate.open();
  const second = await group.add(1).then(() => group.add(2));

  expect(second).toBe("written 2");
  expect(writes).toEqual([[1], [2]]);
});
