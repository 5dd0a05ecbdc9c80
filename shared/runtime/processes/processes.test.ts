import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { builtFileOf } from "./built.ts";
import { isAlive, Ledger, startProcess } from "./index.ts";

const parentFile = fileURLToPath(new URL("fixture/parent.ts", import.meta.url));
const childFile = fileURLToPath(new URL("fixture/child.ts", import.meta.url));

test("a killed process ends with SIGKILL", async () => {
  const child = startProcess(childFile);
  expect(await child.firstMessage).toBe("started");
  await child.kill();
  expect(await child.ended).toBe("SIGKILL");
});

test("a process runs the built file if there is one, without tsx", async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "built-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  vi.stubEnv("BUILT_FOLDER", folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  const built = builtFileOf(childFile, folder);
  mkdirSync(path.dirname(built), { recursive: true });
  writeFileSync(built, "process.send({ message: ['built', ...process.execArgv] });");

  expect(await startProcess(childFile).firstMessage).toEqual(["built"]);
  const nothing = startProcess(fileURLToPath(new URL("fixture/nothing.ts", import.meta.url)));
  await expect(nothing.firstMessage).rejects.toThrow(/nothing\.ts ended/);
});

test("the first message of a process that ends without sending one is rejected", async () => {
  const child = startProcess(fileURLToPath(new URL("fixture/nothing.ts", import.meta.url)));
  await expect(child.firstMessage).rejects.toThrow(
    /nothing\.ts ended \(1\) before it sent a message/,
  );
});

test("a message with a topic reaches only callers that ask for that topic", async () => {
  const child = startProcess(childFile);
  await child.firstMessage;
  const [reply, aside] = [child.nextMessage(), child.nextMessage("aside")];
  child.send("not for it", "aside");
  child.send("a word");
  expect(await reply).toBe("heard a word");
  expect(await aside).toBe("by the way");
});

test("a process ends when its parent ends, even if the parent is killed", async () => {
  const parent = startProcess(parentFile);
  const grandchild = (await parent.firstMessage) as number;
  expect(isAlive(grandchild)).toBe(true);
  await parent.kill();
  await expect.poll(() => isAlive(grandchild)).toBe(false);
});

test("a process of another user, which we may not signal, counts as alive", () => {
  const kill = vi.spyOn(process, "kill");
  onTestFinished(() => kill.mockRestore());
  const refused = (code: string) => () => {
    throw Object.assign(new Error(code), { code });
  };
  kill.mockImplementation(refused("EPERM"));
  expect(isAlive(process.pid)).toBe(true);
  kill.mockImplementation(refused("ESRCH"));
  expect(isAlive(process.pid)).toBe(false);
});

test("a ledger counts the lines that several writers appended", () => {
  const ledger = Ledger.create();
  onTestFinished(() => ledger.remove());
  ledger.write("task 1");
  new Ledger(ledger.file).write("task 2");
  ledger.write("task 1");
  expect(ledger.lines()).toEqual(["task 1", "task 2", "task 1"]);
  expect(ledger.counts().get("task 1")).toBe(2);
});
