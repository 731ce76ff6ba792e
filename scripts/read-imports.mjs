import ts from 'typescript';

/**
 * What one TypeScript file reaches for, from its syntax tree.
 * @returns references `{specifier, line, kind}` with kind 'value', 'type' or 'dynamic' (specifier undefined when it is no literal), and the
 *   line numbers of `environment` (process.env in any spelling) and `loader` (createRequire, require, dlopen); `lines`: the file's length
 */
export function readImports(name, text) {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const found = { references: [], environment: [], loader: [], lines: text.trimEnd().split('\n').length };
  const lineOf = (node) => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;

  const visit = (node) => {
    const reference = referenceOf(node);
    if (reference) found.references.push({ ...reference, line: lineOf(node) });
    if (readsEnvironment(node)) found.environment.push(lineOf(node));
    if (ts.isIdentifier(node) && ['createRequire', 'require', 'dlopen'].includes(node.text))
      found.loader.push(lineOf(node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function referenceOf(node) {
  if (ts.isImportDeclaration(node)) {
    return { specifier: node.moduleSpecifier.text, kind: node.importClause?.isTypeOnly ? 'type' : 'value' };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    return { specifier: node.moduleSpecifier.text, kind: node.isTypeOnly ? 'type' : 'value' };
  }
  if (ts.isImportTypeNode(node)) return { specifier: node.argument.literal?.text, kind: 'type' };
  if (ts.isImportEqualsDeclaration(node)) return { specifier: node.moduleReference.expression?.text, kind: 'value' };
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    return { specifier: literalText(argument), kind: 'dynamic' };
  }
  return undefined;
}

/** The text of a string literal, also behind `as`; undefined for anything that is known only at run time. */
function literalText(node) {
  if (node !== undefined && ts.isAsExpression(node)) return literalText(node.expression);
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

/** `process.env`, `process['env']`, `{ env } = process`, and `import { env } from 'node:process'`. */
function readsEnvironment(node) {
  if (ts.isPropertyAccessExpression(node)) return node.name.text === 'env' && isProcess(node.expression);
  if (ts.isElementAccessExpression(node)) return isProcess(node.expression) && node.argumentExpression.text === 'env';
  if (ts.isBindingElement(node)) {
    const { initializer } = node.parent.parent;
    return (node.propertyName ?? node.name).text === 'env' && initializer !== undefined && isProcess(initializer);
  }
  return ts.isImportDeclaration(node) && /^(node:)?process$/.test(node.moduleSpecifier.text);
}

function isProcess(node) {
  return (
    (ts.isIdentifier(node) && node.text === 'process') ||
    (ts.isPropertyAccessExpression(node) && node.name.text === 'process')
  );
}
