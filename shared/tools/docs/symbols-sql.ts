import type { Piece } from "./symbols.ts";

/** Returns pgtyped's queries by their `@name`, and the objects of `create table|type|index|…`, in order. */
export function sqlPieces(source: string): Piece[] {
  return statementsOf(source).flatMap((statement) => {
    const name = queryName(source, statement) ?? createdName(statement);
    if (name === undefined) return [];
    const start = startOf(source, statement);
    return [{ names: [name], start, end: statement.end, members: [] }];
  });
}

type Range = { start: number; end: number };

type Statement = Range & {
  /** The statement's text with its comments replaced by spaces. */
  code: string;
  /** The comments between the previous statement and this one. */
  comments: Range[];
};

const CREATED =
  /^create\s+(?:or\s+replace\s+)?(?:(?:unique|temp|temporary|unlogged|materialized|recursive|constraint)\s+)*(?:table|type|index|view|function|procedure|trigger|sequence|domain)\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?(?:[\w"]+\.)?("[^"]+"|\w+)/i;

function queryName(source: string, { comments }: Statement): string | undefined {
  for (const { start, end } of comments) {
    const name = /@name\s+(\w+)/.exec(source.slice(start, end))?.[1];
    if (name) return name;
  }
  return undefined;
}

function createdName({ code }: Statement): string | undefined {
  return CREATED.exec(code)?.[1]?.replaceAll('"', "");
}

/** Returns the start of the first comment that is directly above the statement or contains the query's name. */
function startOf(source: string, statement: Statement): number {
  const named = statement.comments.findIndex(({ start, end }) =>
    source.slice(start, end).includes("@name"),
  );
  let start = statement.comments[named]?.start ?? statement.start;
  for (const comment of statement.comments.toReversed()) {
    if (comment.start >= start) continue;
    const ownLine = /(?:^|\n)[ \t]*$/.test(source.slice(0, comment.start));
    if (!ownLine || /\n\s*\n/.test(source.slice(comment.end, start))) break;
    start = comment.start;
  }
  return start;
}

/** Splits at each `;` that is not in a comment, a string, a quoted name or a `$$` body. */
function statementsOf(source: string): Statement[] {
  const statements: Statement[] = [];
  const token = /--[^\n]*|\/\*|'|"|\$(?:[A-Za-z_][A-Za-z_0-9]*)?\$|;/g;
  let code = source;
  let comments: Range[] = [];
  let from = 0;

  const endStatement = (end: number): void => {
    const text = code.slice(from, end);
    if (text.trim() !== "") {
      const start = from + text.search(/\S/);
      const above = comments.filter((comment) => comment.end <= start);
      statements.push({ start, end, code: code.slice(start, end), comments: above });
    }
    comments = [];
    from = end;
  };

  for (let match = token.exec(source); match; match = token.exec(source)) {
    const start = match.index;
    const end = endOfToken(source, match[0], start);
    if (match[0] === ";") endStatement(end);
    if (match[0].startsWith("--") || match[0] === "/*") {
      comments.push({ start, end });
      code = code.slice(0, start) + source.slice(start, end).replace(/\S/g, " ") + code.slice(end);
    }
    token.lastIndex = end;
  }
  endStatement(source.trimEnd().length);
  return statements;
}

function endOfToken(source: string, token: string, start: number): number {
  const after = start + token.length;
  const before = source[start - 1] ?? "";
  if (token === ";" || token.startsWith("--")) return after;
  if (token === "/*") return endOfComment(source, after);
  if (token.startsWith("$")) {
    // `a$b$c` is a name, not the start of a body.
    return /\w/.test(before) ? after : endAfter(source, token, after);
  }
  // A doubled quote is parsed as the end of one string and the start of another, with the same result.
  const escapes = token === "'" && /(?:^|\W)e$/i.test(source.slice(0, start).slice(-2));
  if (!escapes) return endAfter(source, token, after);
  return after + (/^(?:\\[\s\S]|[^'\\])*'?/.exec(source.slice(after))?.[0].length ?? 0);
}

/** Returns the end of a block comment. In Postgres, these comments nest. */
function endOfComment(source: string, from: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  let depth = 1;
  while (depth > 0) {
    const found = mark.exec(source);
    if (!found) return source.length;
    depth += found[0] === "/*" ? 1 : -1;
  }
  return mark.lastIndex;
}

function endAfter(source: string, text: string, from: number): number {
  const found = source.indexOf(text, from);
  return found < 0 ? source.length : found + text.length;
}
