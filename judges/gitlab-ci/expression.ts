/** The variables of a pipeline, as rules see them; one that is not there is null. */
export type Variables = Readonly<Record<string, string>>;

/**
 * Whether an `if` of GitLab's rules holds: `==`, `!=`, `=~`, `!~`, `&&`, `||`, parentheses, variables, quoted texts,
 * patterns and `null`, as docs.gitlab.com/ci/jobs/job_rules has them.
 * @throws Error for an expression that is none
 */
export function holds(expression: string, variables: Variables): boolean {
  const tokens =
    expression.match(/\/(?:\\.|[^/])+\/i?|"[^"]*"|'[^']*'|\$\w+|&&|\|\||[=!]=|[=!]~|[()]|\w+|\S/g) ?? [];
  let at = 0;
  const take = () => tokens[at++];

  const either = (): boolean => {
    let result = both();
    while (tokens[at] === "||") {
      at++;
      // Both sides are always read, so that a mistake in the second is found.
      const other = both();
      result = result || other;
    }
    return result;
  };
  const both = (): boolean => {
    let result = comparison();
    while (tokens[at] === "&&") {
      at++;
      const other = comparison();
      result = result && other;
    }
    return result;
  };
  const comparison = (): boolean => {
    if (tokens[at] === "(") {
      at++;
      const inner = either();
      if (take() !== ")") throw new Error(`a parenthesis is not closed: ${expression}`);
      return inner;
    }
    const left = value(take());
    const operator = tokens[at];
    switch (operator) {
      case "==":
      case "!=":
        at++;
        return (left === value(take())) === (operator === "==");
      case "=~":
      case "!~":
        at++;
        return matches(left, pattern(take())) === (operator === "=~");
      default:
        // A variable alone: set, and not to nothing.
        return left !== null && left !== "";
    }
  };
  const value = (token: string | undefined): string | null => {
    if (token === "null") return null;
    if (token?.startsWith("$")) return variables[token.slice(1)] ?? null;
    if (token && /^["']/.test(token)) return token.slice(1, -1);
    throw new Error(`${token ?? "the end"} is no value: ${expression}`);
  };
  const matches = (text: string | null, by: RegExp) => text !== null && by.test(text);
  const pattern = (token: string | undefined): RegExp => {
    const [, body, flags] = /^\/(.*)\/(i?)$/.exec(token ?? "") ?? [];
    if (body === undefined) throw new Error(`${token ?? "the end"} is no pattern: ${expression}`);
    return new RegExp(body, flags);
  };

  const result = either();
  if (at !== tokens.length) throw new Error(`${tokens.slice(at).join(" ")} is left over: ${expression}`);
  return result;
}
