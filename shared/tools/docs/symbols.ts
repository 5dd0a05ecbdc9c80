import { sqlSymbols } from "./symbols-sql.ts";
import { tsSymbols } from "./symbols-ts.ts";

/** The pieces of a source file that a document can name. */
export type Symbols = {
  /** The text of a piece with its comment; undefined if there is no such piece. */
  find(symbol: string): string | undefined;
  /** What there is instead, for the message that says so. */
  names(symbol: string): string[];
};

export function symbolsOf(file: string, source: string): Symbols {
  return file.endsWith(".sql") ? sqlSymbols(source) : tsSymbols(source);
}

/** The symbols of `Worker,Worker.tick`. A title may hold commas, so `test:…` ends only at another. */
export function splitSymbols(list: string): string[] {
  return list
    .split(/,(?=test:)/)
    .flatMap((part) => (part.startsWith("test:") ? [part] : part.split(",")))
    .map((symbol) => symbol.trim());
}
