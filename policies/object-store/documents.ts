import type { Problem } from "../framework/policy.ts";

/** A statement of an IAM policy, lists where IAM takes one text too. */
export interface Statement {
  sid: string;
  allows: boolean;
  /** Undefined where the statement says `NotPrincipal`, or nothing. */
  principals: [kind: string, id: string][];
  actions: string[];
  resources: string[];
  /** By operator, then by key. */
  conditions: Record<string, Record<string, string[]>>;
  /** Elements that say what is not meant, and so allow everything else. */
  negated: string[];
}

/** The statements of an IAM policy, which is JSON or the object itself; undefined for what is neither. */
export function statements(policy: unknown): Statement[] | undefined {
  const document = typeof policy === "string" ? parsed(policy) : policy;
  if (typeof document !== "object" || document === null) return undefined;
  const { Statement = [] } = document as { Statement?: unknown };
  return list(Statement).map((each) => {
    const statement = each as Record<string, unknown>;
    return {
      sid: String(statement.Sid ?? ""),
      allows: statement.Effect !== "Deny",
      principals: principals(statement.Principal),
      actions: list(statement.Action).map(String),
      resources: list(statement.Resource).map(String),
      conditions: conditions(statement.Condition),
      negated: ["NotAction", "NotResource", "NotPrincipal"].filter((key) => key in statement),
    };
  });
}

/** What is to be told of a policy that {@link statements} cannot read. */
export const unreadable = (field: string): Problem => ({
  field,
  problem: "this is no IAM policy, so nobody can say what it allows",
  fix: "Give it as JSON, or as an object, with its Statement.",
});

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const list = (value: unknown): unknown[] => (value === undefined ? [] : [value].flat());

function principals(value: unknown): [string, string][] {
  if (typeof value === "string") return [["*", value]];
  return Object.entries((value ?? {}) as Record<string, unknown>).flatMap(([kind, ids]) =>
    list(ids).map((id): [string, string] => [kind, String(id)]),
  );
}

function conditions(value: unknown): Statement["conditions"] {
  const operators = Object.entries((value ?? {}) as Record<string, Record<string, unknown>>);
  return Object.fromEntries(
    operators.map(([operator, keys]) => [
      operator,
      Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, list(values).map(String)])),
    ]),
  );
}
