import pc from "picocolors";

const MARKS: Record<string, string> = {
  queued: pc.dim("○"),
  running: pc.cyan("▶"),
  suspended: pc.yellow("◌"),
  succeeded: pc.green("●"),
  failed: pc.red("✗"),
  cancelled: pc.dim("⊘"),
};

/** The sign of a status, in its colour. */
export function mark(status: string): string {
  return MARKS[status] ?? pc.dim("·");
}
