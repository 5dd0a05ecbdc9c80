import { startCluster, stopCluster } from "./cluster.ts";
import { startThrowAwayServer } from "./throw-away.ts";

/** A server to crash on purpose. It keeps its port and everything that was committed. */
export type CrashableServer = {
  url: string;
  /** Ends all connections, shuts down cleanly and starts again; resolves when it accepts connections. */
  restart(): Promise<void>;
  /** Stops at once, in the middle of its work, and starts again; resolves when it has recovered. */
  crash(): Promise<void>;
  /** Stops it and removes all its files, as the end of this process does. */
  remove(): Promise<void>;
};

export async function startCrashableServer(): Promise<CrashableServer> {
  const { cluster, port, url, remove } = await startThrowAwayServer();
  const startAfter = async (mode: "fast" | "immediate") => {
    await stopCluster(cluster, mode);
    if ((await startCluster(cluster, port)) === "ready") return;
    throw new Error(`Another program has taken port ${port} while Postgres was down`);
  };
  return {
    url,
    restart: () => startAfter("fast"),
    crash: () => startAfter("immediate"),
    remove,
  };
}
