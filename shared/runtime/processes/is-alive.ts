/** Returns true if a process has this pid, whichever user owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process exists, but belongs to another user, so we may not send it a signal.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
