import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import path from "node:path";
import { cacheFolder, cloneFile, repository } from "./cache-folder.ts";
import { undoOnExit } from "./exit.ts";
import { failedSetup } from "./failures.ts";
import { copyFolder, makeFolder, makePrivate, remove } from "./file-system.ts";
import { type Say, withLock } from "./lock.ts";
import { findPackage } from "./postgres-package.ts";
import { run } from "./run-program.ts";
import { type SystemUser, serviceUser } from "./service-user.ts";
import { namesIn } from "./strays.ts";

/** The programs, template and password of every server of a clone. */
export type Programs = {
  initdb: string;
  pgCtl: string;
  /** The data folder of an empty database cluster. */
  template: string;
  /** The password of the role `postgres` in every copy of the template. */
  password: string;
  /** The user that the programs run as; undefined for the current user. */
  user: SystemUser | undefined;
};

const INITDB_ARGUMENTS = [
  "--username=postgres",
  "--auth=scram-sha-256",
  "--encoding=UTF8",
  "--locale=C",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--set=listen_addresses=127.0.0.1",
  "--set=unix_socket_directories=",
  "--set=max_connections=200",
  "--set=timezone=UTC",
];

const DRAFT_PREFIX = "draft-";

/**
 * Returns the programs of Postgres and an empty cluster. They are created once: initdb takes a second or more, and copying
 * its result a tenth of that. The programs are copied from their package, so that the service user can run them without
 * access to the clone, and an update of the package does not change them under a running server.
 */
export async function preparePrograms(say: Say, cache = cacheFolder()): Promise<Programs> {
  const installed = findPackage();
  const user = serviceUser();
  const key = JSON.stringify([INITDB_ARGUMENTS, user]);
  const hash = createHash("sha256").update(key).digest("hex").slice(0, 8);
  const folder = path.join(cache, `postgres-${installed.version}-${hash}`);
  if (!fs.existsSync(folder)) {
    makeFolder(cache);
    await withLock(cache, say, async () => {
      if (!fs.existsSync(folder)) await make(folder, installed.folder, user);
    });
  }
  return { ...programsIn(folder), user };
}

function programsIn(folder: string): Omit<Programs, "user"> {
  const suffix = process.platform === "win32" ? ".exe" : "";
  return {
    initdb: path.join(folder, `bin/initdb${suffix}`),
    pgCtl: path.join(folder, `bin/pg_ctl${suffix}`),
    template: path.join(folder, "template"),
    password: fs.readFileSync(path.join(folder, "password"), "utf8"),
  };
}

/** Renames the folder into place when it is complete, so a killed process leaves no partial one. */
async function make(folder: string, source: string, user: SystemUser | undefined): Promise<void> {
  const cache = path.dirname(folder);
  // A killed process left it. If its initdb is still running, that initdb now fails.
  for (const name of namesIn(cache, DRAFT_PREFIX)) remove(path.join(cache, name));
  fs.writeFileSync(path.join(cache, cloneFile), repository);
  const draft = fs.mkdtempSync(path.join(cache, DRAFT_PREFIX));
  const removeDraft = () => remove(draft);
  const takeBack = undoOnExit(removeDraft);
  try {
    await copyFolder(source, draft, user);
    const password = path.join(draft, "password");
    fs.writeFileSync(password, randomBytes(24).toString("hex"));
    makePrivate(password, user);
    const { initdb, template } = programsIn(draft);
    const { succeeded, output } = await run(
      initdb,
      [...INITDB_ARGUMENTS, `--pgdata=${template}`, `--pwfile=${password}`],
      { cwd: draft, user },
    );
    if (!succeeded) throw failedSetup(output);
    fs.renameSync(draft, folder);
  } finally {
    takeBack();
    removeDraft();
  }
}
