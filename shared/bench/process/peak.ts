import { readFileSync } from "node:fs";

/**
 * Returns the peak memory of this process, in bytes. On Linux, `maxRSS` also includes the memory of the parent process at
 * the moment of the fork, so there we read the peak of this program alone.
 */
export function peakBytes(): number {
  return highWaterMark() ?? process.resourceUsage().maxRSS * 1024;
}

function highWaterMark(): number | undefined {
  try {
    const [, kilobytes] =
      /^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
