import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Command } from "commander";
import { onTestFinished, vi } from "vitest";

/** Files by their path in the repository. */
export type Files = Record<string, string>;

/** Two empty lessons and the root's README. */
export const TWO_LESSONS: Files = {
  "README.md": "# Root\n",
  "lessons/01-one/package.json": "{}",
  "lessons/01-one/README.md": "# One\n",
  "lessons/02-two/package.json": "{}",
  "lessons/02-two/README.md": "# Two\n",
};

/** Returns a folder for one test with these files, and with a space in its path. */
export function scratchFolder(files: Files = {}): string {
  const parent = mkdtempSync(path.join(realpathSync(tmpdir()), "lesson tools "));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const root = path.join(parent, "the repository");
  mkdirSync(path.join(root, "lessons"), { recursive: true });
  write(root, files);
  return root;
}

/** Like `scratchFolder`, but a git repository with all files committed. */
export function scratchRepository(files: Files): string {
  const root = scratchFolder(files);
  gitIn(root, ["init", "--quiet", "--initial-branch=main"]);
  commit(root);
  return root;
}

export function commit(root: string): void {
  gitIn(root, ["add", "--all"]);
  gitIn(root, ["commit", "--quiet", "--message=lessons"]);
}

export function write(root: string, files: Files): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), content);
  }
}

export function read(root: string, file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

/** Runs git without a user configuration. */
export function gitIn(root: string, args: string[]): string {
  const who = ["-c", "user.name=A Reader", "-c", "user.email=reader@example.com"];
  const { status, stdout, stderr } = spawnSync("git", ["-C", root, ...who, ...args], {
    encoding: "utf8",
    env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
  });
  if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Returns what a command prints on the standard output for these arguments. */
export async function printed(command: Command, args: string[]): Promise<string> {
  const chunks: string[] = [];
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    chunks.push(String(chunk));
    return true;
  });
  try {
    await command.parseAsync(args, { from: "user" });
  } finally {
    spy.mockRestore();
  }
  return chunks.join("");
}
