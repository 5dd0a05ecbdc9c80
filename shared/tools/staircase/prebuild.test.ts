import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { builtFileOf } from "../../runtime/processes/built.ts";
import { findLessons } from "../lessons/lessons.ts";
import { type Files, scratchFolder } from "../lessons/scratch-lessons.ts";
import { build } from "./prebuild.ts";

const PROGRAM = "lessons/01-one/proofs/worker.ts";
const ENGINE = "lessons/01-one/engine/index.ts";

async function built(files: Files, moreFolders: string[] = []) {
  const root = scratchFolder({
    "lessons/01-one/package.json": `{ "type": "module", "exports": { "./join": "./join.ts" } }`,
    "lessons/01-one/node_modules/shared/package.json": `{ "exports": { "./testing/join-test": "./join.ts" } }`,
    "lessons/01-one/node_modules/shared/join.ts": "export const joined: boolean = true;",
    ...files,
  });
  const result = await build(findLessons(root), moreFolders);
  onTestFinished(() => result?.remove());
  return { root, result };
}

test("a program and the engine that it loads are built, share their modules, and know where their sources are", async () => {
  const { root, result } = await built({
    "lessons/01-one/engine/errors.ts": "export class Lost extends Error {}",
    [ENGINE]: `export { Lost } from "./errors.ts";`,
    [PROGRAM]: `
      import { joined } from "shared/testing/join-test";
      import { Lost } from "../engine/errors.ts";
      const engine = await import(process.argv[2] as string);
      console.log(JSON.stringify([joined, new engine.Lost() instanceof Lost, Lost.name, import.meta.url]));`,
  });
  const folder = result?.folder as string;
  const program = builtFileOf(path.join(root, PROGRAM), folder);
  const engine = pathToFileURL(builtFileOf(path.join(root, ENGINE), folder)).href;
  const printed = execFileSync(process.execPath, [program, engine], { encoding: "utf8" });
  expect(JSON.parse(printed)).toEqual([
    true,
    true,
    "Lost",
    pathToFileURL(path.join(root, PROGRAM)).href,
  ]);
});

test("what ends with its parent is a program, in a story and in the other folders that are given", async () => {
  const more = scratchFolder({ "soak/worker.ts": "endWithParent();", "soak/index.ts": "" });
  const story = "lessons/01-one/story/other-process.ts";
  const { root, result } = await built({ [story]: "endWithParent();" }, [path.join(more, "soak")]);
  const isBuilt = (file: string) => existsSync(builtFileOf(file, result?.folder as string));
  expect(isBuilt(path.join(root, story))).toBe(true);
  expect(isBuilt(path.join(more, "soak/worker.ts"))).toBe(true);
  expect(isBuilt(path.join(more, "soak/index.ts"))).toBe(false);
});

test("nothing is built if something cannot be: the tests report what is wrong with it", async () => {
  const { result } = await built({ [ENGINE]: "export const = ;" });
  expect(result).toBeUndefined();
});
