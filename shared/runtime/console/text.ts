import pc from "picocolors";

const WIDTH = 78;

/** The first line that a lesson prints. */
export function title(text: string): void {
  console.log(`\n${pc.bold(text)}`);
}

/** The line that opens a part of the story. */
export function section(text: string): void {
  console.log(`\n${pc.bold(`── ${text} ${"─".repeat(Math.max(3, WIDTH - text.length - 4))}`)}\n`);
}

/** A sentence of the story. */
export function say(text = ""): void {
  console.log(text);
}
