import { say } from "shared/console";
import { connect, type Sql } from "shared/database";
import { startTcpProxy } from "shared/testing/tcp-proxy";
import * as engine from "../engine/index.ts";
import { WORKER_CONNECTION } from "./sides.ts";
import { untilListening } from "./until-listening.ts";
import { drawn, stopwatch, untilIdle } from "./waits.ts";

const TASKS = 4;

/** The connection on which a worker listens goes dead, and nobody is told. */
export async function goDeaf(sql: Sql, url: string): Promise<void> {
  const lines: string[] = [];
  const own = connect(url, { planOnce: true, applicationName: WORKER_CONNECTION });
  const { sql: byProxy, stall, close } = await listeningByProxy(own, url);
  const { definition, wait } = stopwatch(engine, "greet");
  const worker = new engine.Worker(byProxy, {
    tasks: [definition],
    name: "worker-1",
    heartbeatIntervalMs: 1_500,
    log: (line) => void (/ (claimed|succeeded) /.test(line) || lines.push(line)),
  });
  const isDeaf = () => !lines.some((line) => line.includes("listens anew"));
  worker.start();
  await untilListening(sql, 1);
  await wait(sql);

  say("A worker gets a task now and then.");
  say();
  say(`  it hears        ${drawn(await waitsWhile(({ length }) => length < TASKS))}`);
  stall();
  say();
  say(
    "Nothing arrives any more on the connection on which worker-1 listens; and nobody closes it.",
  );
  say();
  say(`  it does not     ${drawn(await waitsWhile(isDeaf))}`);
  for (const line of lines) say(`  ${line}`);
  // Of the one before, Postgres has not heard that it is gone.
  await untilListening(sql, 2);
  say(`  it hears again  ${drawn(await waitsWhile(({ length }) => length < TASKS))}`);
  await worker.stop();
  await own.end();
  close();

  async function waitsWhile(holds: (waits: number[]) => boolean): Promise<number[]> {
    const waits: number[] = [];
    do {
      await untilIdle();
      waits.push(await wait(sql));
    } while (holds(waits));
    return waits;
  }
}

/** The same pool, but a connection to listen on goes by way of a proxy, until `stall`. */
async function listeningByProxy(own: Sql, url: string) {
  const proxy = await startTcpProxy(url);
  const { hostname, port } = new URL(proxy.url);
  let isStalled = false;
  const byProxy = new Proxy(own, {
    get(target, key) {
      if (key !== "options" || isStalled) return Reflect.get(target, key);
      return { ...target.options, host: [hostname], port: [Number(port)] };
    },
  });
  const stall = () => {
    isStalled = true;
    proxy.stall();
  };
  return { sql: byProxy, stall, close: () => proxy.close() };
}
