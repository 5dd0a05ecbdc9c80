import { UserError } from "../../user-error.ts";
import { otherServers } from "./postgres-package.ts";

/** Runs `work`, and converts errors of the file system to a `UserError` that says what to do. */
export async function explainFileErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const line = explanation(error as NodeJS.ErrnoException);
    throw line === undefined ? error : new UserError(line, { cause: error });
  }
}

function explanation({ code, path: file, message }: NodeJS.ErrnoException): string | undefined {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return diskFull();
    case "EACCES":
    case "EPERM":
      return `${file ?? message} belongs to another user, but the Postgres of this repository needs it; run this as that user, or delete it as that user and try again.`;
    case "EROFS":
      return `${file ?? message} is on a read-only disk; set DATABASE_URL to a Postgres 15 or newer instead.`;
    case "ENOENT":
    case "ENOTDIR":
      return `${file ?? message} was deleted while Postgres needed it; try again.`;
    default:
      return undefined;
  }
}

export function failedSetup(output: string): UserError {
  if (isDiskFull(output)) return new UserError(diskFull());
  return new UserError(
    `Postgres could not be set up: ${lastLine(output)}. Fix this and try again, or ${otherServers}.`,
  );
}

export function failedStart(log: string, output: string): UserError {
  if (isDiskFull(output)) return new UserError(diskFull(log));
  return new UserError(
    `Postgres did not start: ${lastLine(output)} (its log is ${log}). Fix this and try again, or delete all data and start over: \`pnpm db reset\`.`,
  );
}

function isDiskFull(output: string): boolean {
  return /No space left on device|Disk quota exceeded/i.test(output);
}

function diskFull(log?: string): string {
  const where = log === undefined ? "" : ` (its log is ${log})`;
  return `The disk is full, and Postgres cannot start${where}; free some space, then try again. \`pnpm db reset\` deletes its data.`;
}

/** Returns the last line that gives the reason, or else the last line. */
export function lastLine(output: string): string {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== "");
  const reasons = lines.filter((line) => /\b(FATAL|PANIC|error|could not|cannot)\b/i.test(line));
  const line = reasons.findLast((reason) => /FATAL|PANIC/.test(reason)) ?? reasons.at(-1);
  return (line ?? lines.at(-1) ?? "it gave no reason").replace(/^.*?\b(FATAL|PANIC): +/, "").trim();
}
