import { readFileSync } from "node:fs";
import path from "node:path";
import { parseSQLFile, queryASTToIR } from "@pgtyped/parser";
import { getTypes, startup } from "@pgtyped/query";
import { processSQLQueryIR } from "@pgtyped/runtime";
import { AsyncQueue } from "@pgtyped/wire";
import { queriesFingerprint } from "../../runtime/database/queries-fingerprint.ts";
import { UserError } from "../../runtime/user-error.ts";
// The package exports only its command, which takes three seconds a lesson: it loads its parser and TypeScript twice.
import {
  generateDeclarationFile,
  ProcessingMode,
  queryToTypeDeclarations,
  type TypeDeclarationSet,
} from "../node_modules/@pgtyped/cli/lib/generator.js";
import { TypeAllocator, TypeMapping, TypeScope } from "../node_modules/@pgtyped/cli/lib/types.js";

/**
 * Returns what a lesson's `sql/queries.ts` must be, made by pgtyped from its `sql/queries.sql`. The database at `url` has
 * the lesson's schema. Throws a `UserError` that names the line that does not parse, or the query that Postgres refuses.
 */
export async function generateQueries(lessonPath: string, url: string): Promise<string> {
  const file = path.join(lessonPath, "sql/queries.sql");
  const text = readFileSync(file, "utf8");
  const connection = new AsyncQueue();
  await startup(serverAt(url), connection);
  try {
    const generated = generateDeclarationFile(
      await declarations(text, connection).catch((error) => {
        throw error instanceof UserError ? new UserError(`${file}: ${error.message}`) : error;
      }),
    );
    return `${queriesFingerprint(text)}\n${withNumbers(withoutTrailingSpace(generated))}`;
  } finally {
    connection.socket.destroy();
  }
}

function serverAt(url: string): Parameters<typeof startup>[0] {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    dbName: pathname.slice(1),
  };
}

async function declarations(text: string, connection: AsyncQueue): Promise<TypeDeclarationSet> {
  const fileName = "sql/queries.sql";
  // pgtyped's parser knows no other line ends.
  const { queries, events } = parseSQLFile(text.replaceAll("\r\n", "\n"));
  const flaw = events.find((event) => "critical" in event);
  if (flaw) throw new UserError(`line ${flaw.location?.line}: ${flaw.message.text}`);

  const types = new TypeAllocator(TypeMapping());
  types.use({ name: "PreparedQuery", from: "@pgtyped/runtime" }, TypeScope.Return);
  const typedQueries: TypeDeclarationSet["typedQueries"] = [];
  for (const ast of queries) {
    const typeName = `${ast.name.charAt(0).toUpperCase()}${ast.name.slice(1)}`;
    const parsed = { ast, mode: ProcessingMode.SQL as const };
    const typeDeclaration = await queryToTypeDeclarations(
      parsed,
      async (query) => {
        const found = await getTypes(query, connection);
        if (!("errorCode" in found)) return found;
        throw new UserError(`${typeName}: ${found.message}.${found.hint ? ` ${found.hint}` : ""}`);
      },
      types,
      CONFIG,
    );
    typedQueries.push({
      mode: "sql",
      fileName,
      query: {
        name: ast.name,
        ast,
        ir: queryASTToIR(ast),
        paramTypeAlias: `${typeName}Params`,
        returnTypeAlias: `${typeName}Result`,
      },
      typeDeclaration,
    });
  }
  return { typedQueries, typeDefinitions: types.toTypeDefinitions(), fileName };
}

const CONFIG = {
  camelCaseColumnNames: true,
  hungarianNotation: false,
} as Parameters<typeof queryToTypeDeclarations>[3];

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
