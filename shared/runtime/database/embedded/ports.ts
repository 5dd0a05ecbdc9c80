import net from "node:net";
import { UserError } from "../../user-error.ts";
import { type Cluster, startCluster } from "./cluster.ts";

/** Starts the server on the port `wanted`, or on another one if that is taken. Returns the port. */
export async function startOnFreePort(cluster: Cluster, wanted?: number): Promise<number> {
  for (let tries = 0; tries < 5; tries++) {
    const free = tries === 0 && wanted !== undefined && (await isFree(wanted));
    const port = free ? wanted : await findFreePort();
    if ((await startCluster(cluster, port)) === "ready") return port;
    // Another program took the port between our check and the start.
  }
  throw new UserError(`Postgres found no free port on 127.0.0.1; see its log, ${cluster.log}.`);
}

/**
 * Returns a free port below the range that operating systems use for outgoing connections: such a connection could take
 * the server's port while the server is stopped.
 */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (await isFree(port)) return port;
  }
  throw new UserError(
    "No port is free on 127.0.0.1 between 20000 and 29999; free one, then try again.",
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}
