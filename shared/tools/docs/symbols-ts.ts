import ts from "typescript";
import { UserError } from "../../runtime/user-error.ts";
import type { Symbols } from "./symbols.ts";

/**
 * The declarations of a TypeScript file (`Worker`), their members (`Worker.tick`, `Worker.constructor`)
 * and its tests (`test:part of the title`).
 */
export function tsSymbols(source: string): Symbols {
  const file = ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest, true);

  function find(symbol: string): string | undefined {
    if (symbol.startsWith("test:")) return findTest(file, symbol.slice("test:".length).trim());
    const [name = "", member] = symbol.split(".");
    const declarations = pick(file.statements, name);
    if (member === undefined) return textOf(declarations, file);
    return textOf(
      declarations.flat().flatMap((declaration) => pick(membersOf(declaration), member)),
      file,
    );
  }

  function names(symbol: string): string[] {
    if (symbol.startsWith("test:")) return testsOf(file).map(({ title }) => `test:${title}`);
    const [name = "", member] = symbol.split(".");
    const members = pick(file.statements, name).flat().flatMap(membersOf).flatMap(namesOf);
    if (member === undefined || members.length === 0)
      return unique(file.statements.flatMap(namesOf));
    return unique(members).map((found) => `${name}.${found}`);
  }

  return { find, names };
}

/** The nodes of that name, in runs of neighbours: overloads stay together. */
function pick(siblings: readonly ts.Node[], name: string): ts.Node[][] {
  const runs: ts.Node[][] = [];
  let run: ts.Node[] | undefined;
  for (const node of siblings) {
    if (!namesOf(node).includes(name)) {
      run = undefined;
    } else if (run) {
      run.push(node);
    } else {
      run = [node];
      runs.push(run);
    }
  }
  return runs;
}

function namesOf(node: ts.Node): string[] {
  if (ts.isConstructorDeclaration(node)) return ["constructor"];
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations
      .map(({ name }) => name)
      .filter(ts.isIdentifier)
      .map(({ text }) => text);
  }
  const { name } = node as Partial<ts.NamedDeclaration>;
  if (!name) return [];
  return ts.isIdentifier(name) || ts.isPrivateIdentifier(name) || ts.isStringLiteral(name)
    ? [name.text]
    : [];
}

function membersOf(node: ts.Node): readonly ts.Node[] {
  if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) return node.members;
  if (ts.isTypeAliasDeclaration(node) && ts.isTypeLiteralNode(node.type)) return node.type.members;
  if (!ts.isVariableStatement(node)) return [];
  const [value] = node.declarationList.declarations.map(({ initializer }) => initializer);
  return value && ts.isObjectLiteralExpression(value) ? value.properties : [];
}

function findTest(file: ts.SourceFile, part: string): string | undefined {
  const found = testsOf(file).filter(({ title }) => title.includes(part));
  const exact = found.filter(({ title }) => title === part);
  const [test, another] = exact.length > 0 ? exact : found;
  if (another) {
    throw new UserError(
      `several tests have "${part}" in their title; write more of the one you mean: ${found
        .map(({ title }) => `"${title}"`)
        .join(", ")}`,
    );
  }
  return test && textOf([[test.node]], file);
}

function testsOf(file: ts.SourceFile): { title: string; node: ts.Node }[] {
  const tests: { title: string; node: ts.Node }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) {
      const [title] = node.expression.arguments;
      const isTest = /^(?:test|it)\b/.test(node.expression.expression.getText(file));
      if (isTest && title && ts.isStringLiteralLike(title)) tests.push({ title: title.text, node });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return tests;
}

/** The runs as they stand in the file, with their comments, moved to the left edge. */
function textOf(runs: ts.Node[][], file: ts.SourceFile): string | undefined {
  if (runs.length === 0) return undefined;
  return runs
    .map((run) => {
      const first = run[0] as ts.Node;
      const last = run.at(-1) as ts.Node;
      return dedent(file.text.slice(startOf(first, file), endOf(last, file)));
    })
    .join("\n\n");
}

/** Where the comments directly above the node begin: an empty line parts a comment from it. */
function startOf(node: ts.Node, file: ts.SourceFile): number {
  const { text } = file;
  let start = node.getStart(file);
  const comments = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
  for (const comment of comments.toReversed()) {
    if (/\n\s*\n/.test(text.slice(comment.end, start))) break;
    start = comment.pos;
  }
  const line = text.lastIndexOf("\n", start - 1) + 1;
  return text.slice(line, start).trim() === "" ? line : start;
}

function endOf(node: ts.Node, file: ts.SourceFile): number {
  return ts.getTrailingCommentRanges(file.text, node.end)?.at(-1)?.end ?? node.end;
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
