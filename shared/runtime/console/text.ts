import pc from "picocolors";

const WIDTH = 78;

/** Prints the title of a lesson's story. */
export function title(text: string): void {
  console.log(`\n${pc.bold(text)}`);
}

/** Prints the heading of a section of the story. `pnpm lesson docs` finds transcripts by these lines. */
export function section(text: string): void {
  console.log(`\n${pc.bold(`── ${text} ${"─".repeat(Math.max(3, WIDTH - text.length - 4))}`)}\n`);
}

/** Prints a line of the story. */
export function say(text = ""): void {
  console.log(text);
}
