import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";

/** A TCP proxy whose connections a test can cut. */
export type TcpProxy = {
  /** The URL of the target server, with the proxy's host and port. */
  url: string;
  /** Closes every connection: `reset` as if the machine had crashed, `end` in an orderly way. */
  cut(how: "reset" | "end"): void;
  /** From now on forwards nothing and closes nothing, like a network that loses every packet. */
  stall(): void;
  /** Stalls the first connection that sends one of these texts, from that moment on, and then resolves. */
  stallAt(texts: string[]): Promise<void>;
  /** Resets each new connection until `accept`, as if no server were running. */
  refuse(): void;
  accept(): void;
  /** How many connections were made so far. */
  readonly connections: number;
  close(): void;
};

export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const address = addressOf(target);
  const clients = new Set<Socket>();
  const servers = new Set<Socket>();
  let isAllStalled = false;
  const stalled = new Set<Socket>();
  let onSent = (_data: Buffer, _client: Socket) => {};
  let isRefusing = false;
  let connections = 0;
  const listener = net.createServer((client) => {
    connections += 1;
    if (isRefusing) return void client.resetAndDestroy();
    const server = net.connect(address);
    clients.add(client);
    servers.add(server);
    client.on("close", () => clients.delete(client));
    server.on("close", () => servers.delete(server));
    const isStalled = () => isAllStalled || stalled.has(client);
    client.on("data", (data) => onSent(data, client));
    for (const [from, to] of [[client, server] as const, [server, client] as const]) {
      from.on("data", (data) => void (isStalled() || to.write(data)));
      from.on("error", () => {});
      from.on("close", () => isStalled() || to.destroy());
    }
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");

  const url = new URL(target);
  url.host = `127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const cut = (how: "reset" | "end") => {
    for (const client of clients) how === "reset" ? client.resetAndDestroy() : client.destroy();
  };
  return {
    url: url.href,
    cut,
    stall() {
      isAllStalled = true;
    },
    stallAt(texts) {
      const lookedFor = texts.map((text) => Buffer.from(text));
      const heard = new Map<Socket, Buffer>();
      return new Promise((resolve) => {
        onSent = (data, client) => {
          // A text may be split across packets.
          const sent = Buffer.concat([heard.get(client) ?? Buffer.of(), data]);
          heard.set(client, sent);
          if (!lookedFor.some((text) => sent.includes(text))) return;
          onSent = () => {};
          stalled.add(client);
          resolve();
        };
      });
    },
    refuse() {
      isRefusing = true;
    },
    accept() {
      isRefusing = false;
    },
    get connections() {
      return connections;
    },
    close() {
      cut("end");
      // Connections of a stalled proxy are still open, and would keep the process alive.
      for (const server of servers) server.destroy();
      listener.close();
    },
  };
}

/** Returns where the server of a URL listens: on a TCP port, or on a Unix socket if its host is a folder. */
function addressOf(target: string): net.NetConnectOpts {
  const { hostname, port } = new URL(target);
  const host = decodeURIComponent(hostname).replace(/^\[|\]$/g, "");
  const number = Number(port || 5432);
  return host.startsWith("/") ? { path: `${host}/.s.PGSQL.${number}` } : { host, port: number };
}
