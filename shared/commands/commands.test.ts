import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type CrashableServer, startCrashableServer } from "../runtime/database/index.ts";
import { findLessons, type Lesson } from "../tools/lessons/lessons.ts";
import { idFrom, numberFrom } from "./command-line.ts";
import { loadEngine } from "./engine.ts";
import { inputOf, offerOf, readerTasks } from "./reader-tasks.ts";

const newest = findLessons().at(-1) as Lesson;
const { scripts } = JSON.parse(readFileSync(path.join(newest.path, "package.json"), "utf8"));

let server: CrashableServer;

beforeAll(async () => {
  server = await startCrashableServer();
});

afterAll(async () => {
  await server.remove();
});

test("a task is enqueued, cancelled, retried, run by a worker, inspected and replayed", async () => {
  const id = (await printed("enqueue", "countdown", "1")).trim();
  expect(id).toMatch(/^\d+$/);
  expect(await printed("cancel", id)).toBe(`task ${id} is cancelled, or will be soon\n`);
  expect(await printed("retry", id)).toBe(`task ${id} is queued, and continues where it ended\n`);

  const worker = start("worker", "--name", "worker-a", "--slots", "1");
  onTestFinished(() => void worker.kill());
  await untilItSays(worker, `worker-a succeeded countdown task=${id}`);
  worker.kill("SIGTERM");
  expect(await once(worker, "exit")).toEqual([0, null]);

  const inspected = await printed("inspect", id);
  expect(inspected).toContain("second task=");
  expect(inspected).toMatch(/1 seconds took \d+ ms\n$/);
  expect(await printed("replay", id)).toBe(`task ${id} is queued, and runs from the start\n`);
});

test("an error of the engine is one line, and the help names the lesson", async () => {
  const [refused, help] = await Promise.all([run("retry", "999"), printed("enqueue", "--help")]);
  expect(refused).toEqual({ code: 1, stdout: "", stderr: "There is no task 999.\n" });
  expect(help).toContain(`pnpm --filter lesson-${newest.number} enqueue NAME INPUT\n`);
});

test.each<[string[], string]>([
  [[], "This command takes the id of one task, a number such as 7, but got nothing; see --help."],
  [["x", "7"], 'This command takes the id of one task, a number such as 7, but got "x" "7"'],
  [["0"], "This command takes the id of one task"],
])("%j is not the id of a task", (words, message) => {
  expect(() => idFrom({ words, options: {} })).toThrow(message);
});

test.each(["0", "-1", "1.5", "many", "10000"])("%s is not a number of slots", (given) => {
  expect(() => numberFrom("slots", given)).toThrow(
    `--slots is "${given}"; it must be a whole number from 1 to 9999.`,
  );
});

test("each task accepts its own example, and errors about other inputs quote it", async () => {
  const { offers } = readerTasks(await loadEngine(newest.path), newest.number);
  expect(() => offerOf(offers, "nap")).toThrow(
    'There is no task "nap"; the tasks are survey and countdown.',
  );
  for (const { example, definition } of offers) {
    const offer = offerOf(offers, definition.name);
    expect(inputOf(offer, example)).toEqual(JSON.parse(example));
    const hint = `${definition.name} takes an input such as '${example}'`;
    expect(() => inputOf(offer, undefined)).toThrow(`The input is missing; ${hint}.`);
    expect(() => inputOf(offer, "ten")).toThrow("ten is not JSON");
    expect(() => inputOf(offer, "null")).toThrow(`${hint}, not null.`);
  }
});

/** Runs a script of the lesson's package.json in the lesson's folder, as pnpm does. */
function start(name: string, ...args: string[]): ChildProcess {
  const [, ...words] = (scripts[name] as string).split(" ");
  return spawn(process.execPath, [...words, ...args], {
    cwd: newest.path,
    env: { ...process.env, DATABASE_URL: server.url, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function run(name: string, ...args: string[]) {
  const child = start(name, ...args);
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error("The output of the process is not piped");
  const [out, err, [code]] = await Promise.all([text(stdout), text(stderr), once(child, "exit")]);
  return { code, stdout: out, stderr: err };
}

async function printed(name: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(name, ...args);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return stdout;
}

async function untilItSays(child: ChildProcess, what: string): Promise<void> {
  let said = "";
  for await (const chunk of child.stdout ?? []) {
    said += chunk;
    if (said.includes(what)) return;
  }
  throw new Error(`The process ended before it printed "${what}": ${said}`);
}
