import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Gauge } from "./gauge.ts";

/** How many calls the API can take at once. */
export const CAPACITY = 10;

export type Api = {
  url: string;
  /** The calls that are in. */
  calls: Gauge;
  close(): void;
};

/**
 * Starts a small service that wakes up with its first call, which takes a moment, and from then on takes
 * some 40 ms for each. With more than `CAPACITY` calls in at once it falls over: it answers 503 to those
 * that are in and to all that come.
 */
export async function startApi(): Promise<Api> {
  const calls = new Gauge();
  let awake: Promise<void> | undefined;
  const server = createServer((_, response) => {
    void calls.during(async () => {
      const takesMs = 30 + ((7 * calls.total) % 20);
      awake ??= pause(250);
      await awake;
      await pause(takesMs);
      response.writeHead(calls.most > CAPACITY ? 503 : 200).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** One call, for a handler: returns when it was answered, and throws if it was refused. */
export async function call({ url }: Api): Promise<void> {
  const response = await fetch(url);
  await response.text();
  if (!response.ok) throw new Error(`the API answered ${response.status}`);
}
