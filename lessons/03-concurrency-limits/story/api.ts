import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Gauge } from "./gauge.ts";

/** How many calls the API can handle at once. */
export const CAPACITY = 10;

export type Api = {
  url: string;
  /** The calls that the API has received and not answered yet. */
  calls: Gauge;
  close(): void;
};

/**
 * Starts a small HTTP service. Its first calls wait 250 ms for it to warm up; then each call takes about 40 ms. With more
 * than `CAPACITY` calls at once the service crashes: it answers 503 to the calls it has and to all later ones.
 */
export async function startApi(): Promise<Api> {
  const calls = new Gauge();
  let warm: Promise<void> | undefined;
  const server = createServer((_, response) => {
    void calls.during(async () => {
      const takesMs = 30 + ((7 * calls.total) % 20);
      warm ??= pause(250);
      await warm;
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

/** Makes one call. Throws if the API does not answer 200. */
export async function call({ url }: Api): Promise<void> {
  const response = await fetch(url);
  await response.text();
  if (!response.ok) throw new Error(`the API answered ${response.status}`);
}
