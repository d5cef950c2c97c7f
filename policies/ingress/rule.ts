/** A rule of Traefik, taken apart: `and`, `or` and `not` of calls such as `` Host(`a`) ``. */
export type Rule = { and: Rule[] } | { or: Rule[] } | { not: Rule } | { call: string; values: string[] };

/**
 * Takes a rule of Traefik apart.
 * @throws Error for what is none
 */
export function parseRule(text: string): Rule {
  const tokens = [...text.matchAll(/\s*(&&|\|\||[!(),]|[A-Za-z]+|`[^`]*`|"[^"]*"|\S)/g)].map(
    ([, token]) => token,
  );
  let at = 0;
  const take = (token: string) => {
    if (tokens[at] !== token) return false;
    at += 1;
    return true;
  };
  const need = (token: string) => {
    if (!take(token)) throw new Error(`the rule ${text} needs ${token} where ${tokens[at] ?? "its end"} is`);
  };
  const chain = (operator: string, next: () => Rule, join: (parts: Rule[]) => Rule): Rule => {
    const parts = [next()];
    while (take(operator)) parts.push(next());
    return parts.length === 1 ? (parts[0] as Rule) : join(parts);
  };
  const either = (): Rule => chain("||", both, (or) => ({ or }));
  const both = (): Rule => chain("&&", one, (and) => ({ and }));
  const one = (): Rule => {
    if (take("!")) return { not: one() };
    if (take("(")) {
      const inner = either();
      need(")");
      return inner;
    }
    const call = tokens[at++] ?? "";
    need("(");
    const values: string[] = [];
    while (!take(")")) {
      const value = tokens[at++];
      if (value === undefined) throw new Error(`the rule ${text} does not close ${call}`);
      values.push(value.slice(1, -1));
      take(",");
    }
    return { call, values };
  };
  const rule = either();
  if (at < tokens.length) throw new Error(`the rule ${text} goes on after its end, at ${tokens[at]}`);
  return rule;
}

/** Whether a rule takes requests for hosts that it names alone. */
export function namesHost(rule: Rule): boolean {
  if ("and" in rule) return rule.and.some(namesHost);
  if ("or" in rule) return rule.or.every(namesHost);
  return "call" in rule && rule.call === "Host" && rule.values.length > 0;
}

/** The hosts that a rule names. */
export function hostsOf(rule: Rule): string[] {
  if ("and" in rule) return rule.and.flatMap(hostsOf);
  if ("or" in rule) return rule.or.flatMap(hostsOf);
  return "call" in rule && rule.call === "Host" ? rule.values : [];
}
