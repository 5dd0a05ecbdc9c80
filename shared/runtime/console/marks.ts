import pc from "picocolors";

const MARKS: Record<string, string> = {
  queued: pc.dim("○"),
  running: pc.cyan("▶"),
  suspended: pc.yellow("◌"),
  succeeded: pc.green("●"),
  failed: pc.red("✗"),
  cancelled: pc.dim("⊘"),
};

/** Returns the symbol of a task's status, in its colour. */
export function mark(status: string): string {
  return MARKS[status] ?? pc.dim("·");
}
