import { startCluster, stopCluster } from "./cluster.ts";
import { startThrowAwayServer } from "./throw-away.ts";

/** A server to crash on purpose. It keeps its port and all committed data. */
export type CrashableServer = {
  url: string;
  /** Ends all connections, shuts down cleanly and starts again. Resolves when the server accepts connections. */
  restart(): Promise<void>;
  /** Stops immediately, in the middle of its work, and starts again. Resolves when the server has recovered. */
  crash(): Promise<void>;
  /** Stops the server and deletes all its files. Happens automatically when this process ends. */
  remove(): Promise<void>;
};

export async function startCrashableServer(): Promise<CrashableServer> {
  const { cluster, port, url, remove } = await startThrowAwayServer();
  const startAfter = async (mode: "fast" | "immediate") => {
    await stopCluster(cluster, mode);
    if ((await startCluster(cluster, port)) === "ready") return;
    throw new Error(`Another program took port ${port} while Postgres was down`);
  };
  return {
    url,
    restart: () => startAfter("fast"),
    crash: () => startAfter("immediate"),
    remove,
  };
}
