/** The part of JSONPath that kubectl and pulumi.com/waitFor users write. */

/** Finds values in an object; none, one or several. */
export type JsonPath = (object: unknown) => unknown[];

type Step = (value: unknown) => unknown[];

/**
 * Compiles `{.status.conditions[?(@.type=="Ready")].status}`: names, `['quoted names']`, indexes, `[*]` and filters by
 * one comparison. Dots in names are escaped: `{.metadata.labels.app\.kubernetes\.io/name}`.
 *
 * @throws if the text is something else.
 */
export function compileJsonPath(text: string): JsonPath {
  const steps: Step[] = [];
  let rest = text
    .trim()
    .replace(/^\{(.*)\}$/s, "$1")
    .replace(/^\$/, "");
  if (rest !== "" && !/^[.[]/.test(rest)) rest = `.${rest}`;
  while (rest !== "") {
    const parsed = nextStep(rest);
    if (parsed === undefined) {
      throw new Error(
        `jsonpath ${text}: can't read "${rest}"; use names, [index], [*] and [?(@.name=="value")]`,
      );
    }
    steps.push(parsed.step);
    rest = rest.slice(parsed.length);
  }
  if (steps.length === 0) throw new Error(`jsonpath "${text}" is empty`);
  return (object) => steps.reduce<unknown[]>((values, step) => values.flatMap(step), [object]);
}

function nextStep(text: string): { step: Step; length: number } | undefined {
  const all = /^(?:\.\*|\[\*\])/.exec(text);
  if (all) return { step: children, length: all[0].length };

  const name = /^\.((?:\\.|[^.[\]{}\\])+)/.exec(text);
  if (name) return { step: property((name[1] ?? "").replace(/\\(.)/g, "$1")), length: name[0].length };

  const quoted = /^\[(?:'([^']*)'|"([^"]*)")\]/.exec(text);
  if (quoted) return { step: property(quoted[1] ?? quoted[2] ?? ""), length: quoted[0].length };

  const index = /^\[(-?\d+)\]/.exec(text);
  if (index) return { step: element(Number(index[1])), length: index[0].length };

  const filter = /^\[\?\s*\(?\s*@([^=!<>\s]*)\s*(==|!=)\s*(?:'([^']*)'|"([^"]*)"|([\w.-]+))\s*\)?\s*\]/.exec(
    text,
  );
  if (filter) {
    const [matched, path = "", operator, single, double, bare] = filter;
    const wanted = single ?? double ?? bare ?? "";
    const inner = path === "" ? (value: unknown) => [value] : compileJsonPath(path);
    const keep = (value: unknown) =>
      inner(value).some((found) => String(found) === wanted) === (operator === "==");
    return { step: (value) => children(value).filter(keep), length: matched.length };
  }
  return undefined;
}

function property(name: string): Step {
  return (value) => {
    if (typeof value !== "object" || value === null) return [];
    const found = (value as Record<string, unknown>)[name];
    return found === undefined ? [] : [found];
  };
}

function element(index: number): Step {
  return (value) => {
    const found = Array.isArray(value) ? value.at(index) : undefined;
    return found === undefined ? [] : [found];
  };
}

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}
