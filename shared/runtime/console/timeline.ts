import pc from "picocolors";

const COLUMN = 36;

/** Two things that happen side by side, told from top to bottom. */
export class Timeline {
  constructor(left: string, right: string) {
    console.log(`  ${pc.dim(left.padEnd(COLUMN))}${pc.dim(right)}`);
  }

  left(text: string): void {
    console.log(`  ${text}`);
  }

  right(text: string): void {
    console.log(`  ${" ".repeat(COLUMN)}${text}`);
  }
}
