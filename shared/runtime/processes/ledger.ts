import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";

/**
 * A record of what really happened, outside of the engine and its database: a file that every process appends to. Lines
 * survive when the process that wrote them is killed.
 */
export class Ledger {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  /** Creates an empty ledger in a temporary folder. */
  static create(): Ledger {
    const file = path.join(mkdtempSync(path.join(os.tmpdir(), "ledger-")), "ledger.txt");
    writeFileSync(file, "");
    return new Ledger(file);
  }

  /** Appends one line, which must not contain a line break. */
  write(line: string): void {
    appendFileSync(this.file, `${line}\n`);
  }

  lines(): string[] {
    return readFileSync(this.file, "utf8").split("\n").slice(0, -1);
  }

  /** Returns how many times each line was written. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const line of this.lines()) counts.set(line, (counts.get(line) ?? 0) + 1);
    return counts;
  }

  /** Removes the file and the folder that `create` made. */
  remove(): void {
    rmSync(this.file, { force: true });
    rmdirSync(path.dirname(this.file));
  }
}
