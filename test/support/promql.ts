import type { SyntaxNode, Tree } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

/** One condition on a label, as it is written. */
export interface LabelMatcher {
  /** The metric of the selector that it stands in; empty where the selector names none. */
  metric: string;
  label: string;
  op: "=" | "!=" | "=~" | "!~";
  value: string;
}

/**
 * Reads a query with the grammar of Prometheus' own editor.
 * @throws Error that names the position, for what is not PromQL
 */
export function parse(expr: string): Tree {
  const tree = parser.parse(expr);
  tree.iterate({
    enter({ type, from, to }) {
      if (!type.isError) return;
      const before = expr.slice(0, from);
      const line = before.split("\n").length;
      const column = from - before.lastIndexOf("\n");
      const found =
        to > from ? `"${expr.slice(from, to)}"` : from < expr.length ? `"${expr[from]}"` : "its end";
      throw new Error(`not PromQL at line ${line}, column ${column}, at ${found}: ${expr}`);
    },
  });
  return tree;
}

/** The metrics that a query reads, each once, in the order in which they come. */
export function metricNames(expr: string): string[] {
  const names = selectors(expr).map(({ metric }) => metric);
  return [...new Set(names.filter((name) => name !== ""))];
}

/** Every condition on a label that a query has, selector by selector. */
export function labelMatchers(expr: string): LabelMatcher[] {
  return selectors(expr).flatMap(({ matchers }) => matchers);
}

/** Every selector of a query: its metric, and its conditions but the one on the name. */
export function selectors(expr: string): { metric: string; matchers: LabelMatcher[] }[] {
  return nodes(parse(expr), "VectorSelector").map((selector) => {
    const written = nodes(selector, "UnquotedLabelMatcher", "QuotedLabelMatcher").map((matcher) => ({
      label: unquoted(text(matcher.getChild("LabelName") ?? matcher.getChild("QuotedLabelName"))),
      op: text(matcher.getChild("MatchOp")) as LabelMatcher["op"],
      value: unquoted(text(matcher.getChild("StringLiteral"))),
    }));
    const named = written.find(({ label, op }) => label === "__name__" && op === "=");
    const metric = text(selector.getChild("Identifier")) || (named?.value ?? "");
    return {
      metric,
      matchers: written.filter((one) => one !== named).map((one) => ({ metric, ...one })),
    };
  });

  function text(node: SyntaxNode | null): string {
    return node ? expr.slice(node.from, node.to) : "";
  }
}

/**
 * The metrics whose every label, those of scraping among them, gets into what a query gives: neither aggregated nor
 * only asked whether they are there.
 */
export function passedThrough(expr: string): string[] {
  const found: string[] = [];
  const visit = (node: SyntaxNode): void => {
    const part = expr.slice(node.from, node.to);
    if (node.name === "VectorSelector") found.push(...metricNames(part));
    if (node.name === "AggregateExpr" || (node.name === "FunctionCall" && /^absent/.test(part))) return;
    const asked = node.name === "BinaryExpr" && (node.getChild("And") ?? node.getChild("Unless"));
    for (let child = node.firstChild; child; child = child.nextSibling) {
      if (asked && child.from > asked.from) break;
      visit(child);
    }
  };
  visit(parse(expr).topNode);
  return [...new Set(found)];
}

/** The nodes of some kinds in a tree or below a node, in the order in which they are written. */
function nodes(within: Tree | SyntaxNode, ...kinds: string[]): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  within.cursor().iterate(({ name, node }) => {
    if (kinds.includes(name)) found.push(node);
  });
  return found;
}

/** A text without its quotes; PromQL escapes as Go does, of which rules use what JSON has, too. */
function unquoted(literal: string): string {
  const [quote] = literal;
  if (quote === '"') return JSON.parse(literal);
  if (quote === "'" || quote === "`") return literal.slice(1, -1);
  return literal;
}
