import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

/** The file's bytes; undefined if there is no such file. */
export function readBytes(file: string): Buffer | undefined {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file) : undefined;
}

export function modeOf(file: string): number {
  return lstatSync(file).mode & 0o777;
}

/** Writes the file; one that is new takes the mode of `like`, one that is there keeps its own. */
export function writeFile(file: string, content: Buffer, like?: string): void {
  const isNew = readBytes(file) === undefined;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  if (isNew && like !== undefined) chmodSync(file, modeOf(like));
}

/** Removes the file, and as git does, the folders that it leaves empty. */
export function removeFile(file: string): void {
  rmSync(file, { force: true });
  try {
    for (let folder = path.dirname(file); ; folder = path.dirname(folder)) rmdirSync(folder);
  } catch {
    // The first folder that still holds something ends the walk.
  }
}
