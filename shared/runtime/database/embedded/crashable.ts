import { startCluster, stopCluster } from "./cluster.ts";
import { startThrowAwayServer } from "./throw-away.ts";

/** A server to crash on purpose. It keeps its port, and what was committed. */
export type CrashableServer = {
  url: string;
  /** Ends all connections, stops in good order and starts again; returns when it takes connections. */
  restart(): Promise<void>;
  /** Dies at once, in the middle of whatever it does, and starts again; returns when it has recovered. */
  crash(): Promise<void>;
  /** Stops it and removes all it has, as the end of this process does. */
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
