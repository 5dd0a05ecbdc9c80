/** Whether a process has this pid, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process of another user: it is there, and we may not send it a signal.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
