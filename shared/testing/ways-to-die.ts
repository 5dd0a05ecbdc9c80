import type { CrashableServer } from "../runtime/database/index.ts";
import type { TcpProxy } from "./tcp-proxy.ts";
import type { TestProcess } from "./test-process.ts";

export const waysToDie = [
  "kill -9",
  "connections cut",
  "Postgres restarted",
  "Postgres killed",
] as const;

export type WayToDie = (typeof waysToDie)[number];

/** A process that is at its stop point and is connected to `server` through `proxy`. */
export type Victim = { stopped: TestProcess; proxy: TcpProxy; server: CrashableServer };

/**
 * Makes several processes on one server fail in the same way at the same moment. Returns when they are dead, or when
 * Postgres accepts connections again and the processes have continued from their stop points: before their statement, or
 * after it without its reply.
 */
export async function die(way: WayToDie, victims: Victim[]): Promise<void> {
  if (way === "kill -9") {
    await Promise.all(victims.map(({ stopped }) => stopped.kill()));
    return;
  }
  if (way === "connections cut") for (const { proxy } of victims) proxy.cut("reset");
  if (way === "Postgres restarted") await victims[0]?.server.restart();
  if (way === "Postgres killed") await victims[0]?.server.crash();
  for (const { stopped } of victims) stopped.goOn("unanswered");
}
