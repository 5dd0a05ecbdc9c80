import pc from "picocolors";

export type LoggedEvent = {
  seq: number;
  happenedAt: Date;
  position: number;
  kind: string;
  name: string;
  status: string;
  output: unknown;
  error: { message: string } | null;
};

/** Pauses of at least this length get a line of their own. */
const SHOWN_PAUSE_MS = 400;

const MARKS: Record<string, string> = { succeeded: pc.green("●"), failed: pc.red("✗") };

/** Prints an event log from top to bottom, with the time since its first event. */
export function eventLog(events: readonly LoggedEvent[]): void {
  for (const line of eventLines(events)) console.log(`  ${line}`);
}

/** Returns the lines of an event log, without indentation. */
export function eventLines(events: readonly LoggedEvent[]): string[] {
  const width = Math.max(0, ...events.map((event) => callOf(event).length));
  return events.flatMap((event, index) => {
    const before = events[index - 1]?.happenedAt ?? event.happenedAt;
    const pauseMs = event.happenedAt.getTime() - before.getTime();
    const sinceFirst = event.happenedAt.getTime() - (events[0] as LoggedEvent).happenedAt.getTime();
    const line = [
      `${sinceFirst} ms`.padStart(8),
      `${MARKS[event.status] ?? pc.dim("○")} ${event.seq}`,
      callOf(event).padEnd(width),
      event.status.padEnd(9),
      event.error ? event.error.message : outputOf(event),
    ].join("  ");
    const pause = pc.dim(`${" ".repeat(10)}╎  nothing for ${pauseMs} ms`);
    return pauseMs >= SHOWN_PAUSE_MS ? [pause, line.trimEnd()] : [line.trimEnd()];
  });
}

function callOf({ position, kind, name }: LoggedEvent): string {
  return `${kind} ${position} ${JSON.stringify(name)}`;
}

function outputOf({ status, output }: LoggedEvent): string {
  return status === "succeeded" && output !== null ? JSON.stringify(output) : "";
}
