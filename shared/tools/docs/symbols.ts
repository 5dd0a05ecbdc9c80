import { UserError } from "../../runtime/user-error.ts";
import { sqlPieces } from "./symbols-sql.ts";
import { tsPieces } from "./symbols-ts.ts";

/** A declaration, a statement or a test of a source file, with the comments directly above it. */
export type Piece = {
  /** More than one for `const a = 1, b = 2`. */
  names: string[];
  /** Its start and end in the source. */
  start: number;
  end: number;
  /** The members of a class, a type or an object, which do not overlap either. */
  members: Piece[];
};

/** The symbols of a source file that a document can name. */
export type Symbols = {
  /** Returns the text of a symbol without its indentation; undefined if there is no such symbol. */
  find(symbol: string): string | undefined;
  /** The existing names, for the error message. */
  names(symbol: string): string[];
};

/** Returns the symbols of a file in order; an empty array if it is neither TypeScript nor SQL. */
export function piecesOf(file: string, source: string): Piece[] {
  if (file.endsWith(".sql")) return sqlPieces(source);
  return file.endsWith(".ts") ? tsPieces(source) : [];
}

/** Returns a lookup for `Worker`, `Worker.tick`, `claimTasks` and `test:part of the title` in a file. */
export function symbolsOf(file: string, source: string): Symbols {
  const pieces = piecesOf(file, source);
  const textOf = ({ start, end }: Piece) => dedent(source.slice(start, end));

  function find(symbol: string): string | undefined {
    const found = isTest(symbol) ? findTest(pieces, symbol) : follow(pieces, symbol.split("."));
    return found.length === 0 ? undefined : found.map(textOf).join("\n\n");
  }

  function names(symbol: string): string[] {
    const all = pieces.flatMap((piece) => piece.names);
    if (isTest(symbol)) return all.filter(isTest);
    const [name = "", member] = symbol.split(".");
    const members = follow(pieces, [name]).flatMap((piece) => piece.members);
    if (member === undefined || members.length === 0) return unique(all.filter((n) => !isTest(n)));
    return unique(members.flatMap((piece) => piece.names)).map((found) => `${name}.${found}`);
  }

  return { find, names };
}

/** Splits `Worker,Worker.tick`. A title may contain commas, so `test:…` only ends at another `,test:`. */
export function splitSymbols(list: string): string[] {
  return list
    .split(/,(?=test:)/)
    .flatMap((part) => (isTest(part) ? [part] : part.split(",")))
    .map((symbol) => symbol.trim());
}

function isTest(symbol: string): boolean {
  return symbol.startsWith("test:");
}

function follow(pieces: Piece[], [name = "", ...rest]: string[]): Piece[] {
  const found = pieces.filter(({ names }) => names.includes(name));
  return rest.length === 0 ? found : found.flatMap(({ members }) => follow(members, rest));
}

function findTest(pieces: Piece[], symbol: string): Piece[] {
  const part = symbol.slice("test:".length).trim();
  const tests = pieces.filter(({ names }) => names.some((name) => isTest(name)));
  const exact = tests.filter(({ names }) => names.includes(`test:${part}`));
  const found = exact.length > 0 ? exact : tests.filter(({ names }) => names[0]?.includes(part));
  if (found.length < 2) return found;
  const titles = found.map(({ names }) => `"${names[0]?.slice("test:".length)}"`).join(", ");
  throw new UserError(
    `several tests have "${part}" in their title; write more of the title: ${titles}`,
  );
}

function dedent(text: string): string {
  const indent = /^ */.exec(text)?.[0] ?? "";
  return text
    .split("\n")
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    .join("\n");
}

function unique(names: string[]): string[] {
  return [...new Set(names)];
}
