import ts from "typescript";
import type { Piece } from "./symbols.ts";

/**
 * Returns the declarations of a TypeScript file (`Worker`) with their members (`tick`, `constructor`), and its
 * tests (`test:title`), in order.
 */
export function tsPieces(source: string): Piece[] {
  const file = ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest, true);
  return pieces([...file.statements], file);
}

/** The overloads of a function are one symbol, from the first to the last. */
function pieces(nodes: readonly ts.Node[], file: ts.SourceFile): Piece[] {
  const found: Piece[] = [];
  let before: ts.Node | undefined;
  for (const node of nodes.flatMap((node) => [...testsIn(node), node])) {
    const names = namesOf(node);
    const [name = ""] = names;
    const last = found.at(-1);
    if (last?.names.includes(name) && before && namesOf(before).includes(name)) {
      last.end = endOf(node, file);
      last.members.push(...pieces(membersOf(node), file));
    } else if (names.length > 0) {
      const members = pieces(membersOf(node), file);
      found.push({ names, start: startOf(node, file), end: endOf(node, file), members });
    }
    before = node;
  }
  return found;
}

/** Returns the tests inside a `describe`. */
function testsIn(statement: ts.Node): ts.Node[] {
  if (!ts.isExpressionStatement(statement) || namesOf(statement).length > 0) return [];
  const tests: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node) && namesOf(node).length > 0) tests.push(node);
    else ts.forEachChild(node, visit);
  };
  ts.forEachChild(statement, visit);
  return tests;
}

function namesOf(node: ts.Node): string[] {
  if (ts.isConstructorDeclaration(node)) return ["constructor"];
  if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) {
    const [title] = node.expression.arguments;
    const isTest = /^(?:test|it)\b/.test(node.expression.expression.getText());
    return isTest && title && ts.isStringLiteralLike(title) ? [`test:${title.text}`] : [];
  }
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
  if (ts.isFunctionDeclaration(node)) return returnedMethods(node);
  if (!ts.isVariableStatement(node)) return [];
  const [value] = node.declarationList.declarations.map(({ initializer }) => initializer);
  return value && ts.isObjectLiteralExpression(value) ? value.properties : [];
}

/** Returns the methods of the object that a function returns in its last statement. */
function returnedMethods({ body }: ts.FunctionDeclaration): readonly ts.Node[] {
  const last = body?.statements.at(-1);
  if (!last || !ts.isReturnStatement(last) || !last.expression) return [];
  if (!ts.isObjectLiteralExpression(last.expression)) return [];
  return last.expression.properties.filter(ts.isMethodDeclaration);
}

/** Returns the start of the comments directly above the node. A blank line separates a comment from the node. */
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
