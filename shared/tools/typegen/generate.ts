import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { processSQLQueryIR } from "@pgtyped/runtime";
import { queriesFingerprint } from "../../runtime/database/queries-fingerprint.ts";
import { UserError } from "../../runtime/user-error.ts";

/**
 * What `sql/queries.ts` has to be, made by pgtyped from a lesson's `sql/queries.sql`. The database at
 * `url` holds the lesson's schema. Throws a `UserError` that names the query Postgres refuses.
 */
export async function generateQueries(lessonPath: string, url: string): Promise<string> {
  // pgtyped writes next to its source, so it works on a copy: a check must leave the tree alone.
  const scratch = mkdtempSync(path.join(os.tmpdir(), "typegen-"));
  try {
    cpSync(path.join(lessonPath, "sql/queries.sql"), path.join(scratch, "sql/queries.sql"));
    const config = path.join(scratch, "pgtyped.json");
    writeFileSync(config, JSON.stringify({ ...CONFIG, srcDir: scratch }));

    const said = await run(config, url, scratch);
    if (!said.includes("Saved ")) {
      throw new UserError(`${path.join(lessonPath, "sql/queries.sql")}: ${explain(said)}`);
    }
    const generated = readFileSync(path.join(scratch, "sql/queries.ts"), "utf8");
    const fingerprint = queriesFingerprint(
      readFileSync(path.join(scratch, "sql/queries.sql"), "utf8"),
    );
    return `${fingerprint}\n${withNumbers(withoutTrailingSpace(generated))}`;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

// Its package exports nothing that a resolver would find.
const PGTYPED = fileURLToPath(
  new URL("../node_modules/@pgtyped/cli/lib/index.js", import.meta.url),
);

const CONFIG = {
  transforms: [{ mode: "sql", include: "queries.sql", emitTemplate: "{{dir}}/queries.ts" }],
  camelCaseColumnNames: true,
  hungarianNotation: false,
  failOnError: true,
  maxWorkerThreads: 1,
};

// pgtyped takes options from any environment variable of the same name (FILE, URI, WATCH …) and its
// server from PGHOST and DATABASE_URL, so it gets none that it could mistake.
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = ["PATH", "SystemRoot", "TEMP", "TMP", "TMPDIR"];
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => kept.includes(name)),
  ) as NodeJS.ProcessEnv;
}

async function run(config: string, url: string, cwd: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [PGTYPED, "--config", config, "--uri", url],
    { cwd, env: cleanEnvironment() },
  ).catch((error) => error);
  return `${stdout}\n${stderr}`;
}

// It exits with 0 whatever happened; what went wrong is only in what it prints.
function explain(said: string): string {
  const query = /Query "(\w+)" is invalid/.exec(said)?.[1];
  const message = /message: (['"`])(.*)\1/.exec(said)?.[2];
  const hint = /hint: (['"`])(.*)\1/.exec(said)?.[2];
  if (query && message) return `${query}: ${message}.${hint ? ` ${hint}` : ""}`;
  const parseError = /\((\d+):\d+\) (Parse error: .*)/.exec(said);
  if (parseError) return `line ${parseError[1]}: ${parseError[2]}`;
  return said.trim();
}

// pgtyped pads each statement with a space for every character of the comment that follows it.
function withoutTrailingSpace(generated: string): string {
  return generated.replace(/ +("};)$/gm, "$1").replace(/ +$/gm, "");
}

// pgtyped's runtime puts $1, $2 … into a statement at each call; of those that are there already it sends the text as it
// is. Where an array is spread, the numbers depend on the values.
function withNumbers(generated: string): string {
  return generated.replace(/^(const \w+IR: any = )(.*);$/gm, (line, constant, json) => {
    const query = JSON.parse(json) as Parameters<typeof processSQLQueryIR>[0];
    if (query.params.some(({ transform }) => transform.type !== "scalar")) return line;
    const { query: statement } = processSQLQueryIR(query);
    const params = query.params.map((param) => ({ ...param, locs: [] }));
    return `${constant}${JSON.stringify({ ...query, params, statement })};`;
  });
}
