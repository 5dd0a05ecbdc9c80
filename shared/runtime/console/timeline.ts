import pc from "picocolors";

const COLUMN_WIDTH = 36;

/** Prints two concurrent sequences of events in two columns, from top to bottom. */
export class Timeline {
  constructor(left: string, right: string) {
    console.log(`  ${pc.dim(left.padEnd(COLUMN_WIDTH))}${pc.dim(right)}`);
  }

  left(text: string): void {
    console.log(`  ${text}`);
  }

  right(text: string): void {
    console.log(`  ${" ".repeat(COLUMN_WIDTH)}${text}`);
  }
}
