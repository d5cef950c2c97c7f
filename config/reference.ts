import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript-classic";

/** What the comment on one key says. */
export interface KeyDoc {
  /** Prose, on one line. */
  description: string;
  /** The text behind `@default`. */
  default?: string;
  /** The text behind `@example`. */
  example?: string;
}

interface Key {
  doc?: KeyDoc;
  /** The fields of the key's own object, or the name of the section that they are written in. */
  fields?: Map<string, Key> | string;
}

/**
 * The comments on the keys of the configuration, by path (`api.scaling.minReplicas`). They are read from the
 * schema's source, so that they are written once, where a developer looks.
 */
export function keyDocs(folder = join(import.meta.dirname, "schema")): Map<string, KeyDoc> {
  const sections: { file: string; name: string; fields: Map<string, Key>; base?: string }[] = [];
  for (const file of readdirSync(folder)) {
    const source = ts.createSourceFile(
      file,
      readFileSync(join(folder, file), "utf8"),
      ts.ScriptTarget.Latest,
      true,
    );
    source.forEachChild((node) => {
      if (!ts.isVariableStatement(node)) return;
      for (const { name, initializer } of node.declarationList.declarations) {
        const literal = initializer && objectIn(initializer);
        if (literal && ts.isIdentifier(name))
          sections.push({ file, name: name.text, fields: fieldsOf(literal), base: extended(initializer) });
      }
    });
  }
  // A name means the section of its own file first, then the one that is imported.
  const section = (name: string, file: string) =>
    sections.find((s) => s.name === name && s.file === file) ?? sections.find((s) => s.name === name);
  const docs = new Map<string, KeyDoc>();
  const collect = (fields: Map<string, Key>, file: string, path: string) => {
    for (const [name, { doc, fields: inner }] of fields) {
      if (doc) docs.set(path + name, doc);
      const named = typeof inner === "string" ? section(inner, file) : inner && { file, fields: inner };
      if (!named) continue;
      const base = "base" in named && named.base ? section(named.base, named.file) : undefined;
      for (const each of [base, named]) if (each) collect(each.fields, each.file, `${path}${name}.`);
    }
  };
  const top = section("settings", "index.ts");
  if (top) collect(top.fields, top.file, "");
  return docs;
}

/** The object that is handed to `z.strictObject(…)` somewhere in an expression. */
function objectIn(node: ts.Node): ts.ObjectLiteralExpression | undefined {
  if (ts.isCallExpression(node) && node.expression.getText().replaceAll(/\s/g, "") === "z.strictObject") {
    const [first] = node.arguments;
    return first && ts.isObjectLiteralExpression(first) ? first : undefined;
  }
  return ts.forEachChild(node, objectIn);
}

/** The section that `section.extend(…)` begins with. */
function extended(node: ts.Expression): string | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  return node.expression.name.text === "extend" ? root(node.expression.expression) : undefined;
}

function fieldsOf(literal: ts.ObjectLiteralExpression): Map<string, Key> {
  return new Map(
    literal.properties.map((property) => {
      const value = ts.isPropertyAssignment(property) ? property.initializer : property;
      const inline = objectIn(value);
      return [
        property.name?.getText() ?? "",
        { doc: docOf(property), fields: inline ? fieldsOf(inline) : root(value) },
      ];
    }),
  );
}

/** The name that an expression such as `scaling.prefault({})` or `amounts("100m")` begins with. */
function root(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isShorthandPropertyAssignment(node)) return node.name.text;
  // What a record or a list holds is what its keys are written in.
  const holds = ts.isCallExpression(node) && /^z\.(record|array)$/.test(node.expression.getText());
  if (holds) return root(node.arguments.at(-1) as ts.Node);
  return ts.isCallExpression(node) || ts.isPropertyAccessExpression(node) ? root(node.expression) : undefined;
}

function docOf(node: ts.Node): KeyDoc | undefined {
  const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = ts.getTextOfJSDocComment(comment?.comment);
  if (!comment || !text) return undefined;
  const tag = (name: string) => {
    const found = comment.tags?.find(({ tagName }) => tagName.text === name);
    return found && (ts.getTextOfJSDocComment(found.comment) ?? "").trim();
  };
  return {
    description: text.replaceAll(/\s+/g, " ").trim(),
    default: tag("default"),
    example: tag("example"),
  };
}
