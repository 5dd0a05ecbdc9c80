import { readFileSync } from "node:fs";

/**
 * The most memory this process has held at once. Linux also counts into `maxRSS` what the process that forked this one
 * held at that moment, so there the peak of this program's own memory is read.
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
