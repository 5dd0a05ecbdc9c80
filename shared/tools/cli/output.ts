import pc from "picocolors";

/**
 * Returns the colours for the standard output: on in a terminal or with FORCE_COLOR, off with NO_COLOR.
 * picocolors by itself also enables colours on every CI and on Windows, which would write escape sequences to files.
 */
export function colours(): ReturnType<typeof pc.createColors> {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (NO_COLOR) return pc.createColors(false);
  if (FORCE_COLOR) return pc.createColors(FORCE_COLOR !== "0" && FORCE_COLOR !== "false");
  return pc.createColors(process.stdout.isTTY === true);
}

/** Prints `text` and a newline. A reader that closes the pipe early (`| head`) is not an error. */
export function print(text: string): void {
  if (!process.stdout.listeners("error").includes(ignoreClosedPipe)) {
    process.stdout.on("error", ignoreClosedPipe);
  }
  process.stdout.write(`${text}\n`);
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
