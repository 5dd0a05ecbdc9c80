import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";

export type ScratchTree = {
  root: string;
  read(file: string): string;
  write(file: string, text: string): void;
};

/** A repository with these files and two lessons, in a folder with a space in its name. */
export function scratchTree(files: Record<string, string>): ScratchTree {
  const root = mkdtempSync(path.join(os.tmpdir(), "scratch tree-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  const all = {
    "README.md": "# Root\n",
    "lessons/01-one/package.json": "{}",
    "lessons/01-one/README.md": "# One\n",
    "lessons/02-two/package.json": "{}",
    "lessons/02-two/README.md": "# Two\n",
    ...files,
  };
  for (const [file, text] of Object.entries(all)) write(file, text);
  return { root, write, read: (file) => readFileSync(path.join(root, file), "utf8") };
}
