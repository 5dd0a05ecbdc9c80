import pc from "picocolors";

/**
 * Colours for the standard output: on in a terminal or under FORCE_COLOR, off under NO_COLOR.
 * picocolors' own guess also colours on every CI and on Windows, where a file would then get escapes.
 */
export function colours(): ReturnType<typeof pc.createColors> {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (NO_COLOR) return pc.createColors(false);
  if (FORCE_COLOR) return pc.createColors(FORCE_COLOR !== "0" && FORCE_COLOR !== "false");
  return pc.createColors(process.stdout.isTTY === true);
}

/** Prints `text` and a newline. A reader who has seen enough (`| head`) is no error. */
export function print(text: string): void {
  if (!process.stdout.listeners("error").includes(ignoreClosedPipe)) {
    process.stdout.on("error", ignoreClosedPipe);
  }
  process.stdout.write(`${text}\n`);
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
