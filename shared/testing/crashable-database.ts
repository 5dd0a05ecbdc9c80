import { afterAll, onTestFinished } from "vitest";
import { type CrashableServer, startCrashableServer } from "../runtime/database/index.ts";
import { type FreshDatabase, freshDatabaseAt } from "./fresh-database.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

export type CrashableDatabase = FreshDatabase & {
  /** The same tables, through `proxy`, for `startTestProcess`. */
  byProxy: Pick<FreshDatabase, "url" | "schema">;
  proxy: TcpProxy;
  server: CrashableServer;
};

/**
 * Call this once at the top of a test file. It returns a function like `freshDatabase`, but on a separate server for the
 * file, which its tests may crash one after the other. The first call of that function starts the server; it is removed
 * at the end of the file.
 */
export function useCrashableServer(): () => Promise<CrashableDatabase> {
  let started: Promise<CrashableServer> | undefined;
  afterAll(async () => {
    await (await started)?.remove();
  });
  return async () => {
    started ??= startCrashableServer();
    const server = await started;
    const database = await freshDatabaseAt(server.url);
    const proxy = await startTcpProxy(server.url);
    onTestFinished(() => proxy.close());
    return { ...database, byProxy: { url: proxy.url, schema: database.schema }, proxy, server };
  };
}
