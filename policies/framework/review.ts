import type { Configured } from "./config.ts";
import { show } from "./message.ts";
import { type Level, type Problem, type StackProblem, tell, type Undecided } from "./policy.ts";
import { exceptionKey, type Stack, type Subject, title } from "./subject.ts";

/** What a policy has against a resource, ready to be told. */
export interface Finding {
  policy: string;
  level: Level;
  /** The resource as people call it; empty for the stack as a whole. */
  resource: string;
  /** Empty for the stack as a whole. */
  urn: string;
  /** Path of the field; empty for the resource as a whole. */
  field: string;
  /** What stands there, never a secret. */
  found: string | undefined;
  problem: string;
  fix: string;
}

/** What a policy could not judge, because a value is not known yet. */
export interface Open {
  policy: string;
  /** Empty for the stack as a whole. */
  resource: string;
  /** The value that is not known. */
  field: string;
}

/** What a review came to. */
export interface Review {
  findings: Finding[];
  /** Judged again by the update, which knows. */
  open: Open[];
  /** Exceptions, as policy and Kind/name, that nothing was found for: they can be removed. */
  unusedExceptions: string[];
}

/** Has every policy judge a stack; those at level `disabled` are left out. */
export function review(policies: readonly Configured[], stack: Stack): Review {
  const parts = policies
    .filter(({ level }) => level !== "disabled")
    .map((configured) =>
      configured.policy.scope === "stack"
        ? reviewStack(configured, stack)
        : merge(stack.resources.map((subject) => reviewResource(configured, subject))),
    );
  const { findings, open, excepted } = merge(parts);
  const granted = policies.flatMap(({ policy, except }) =>
    Object.keys(except).map((key) => `${policy.name} ${key}`),
  );
  return { findings, open, unusedExceptions: granted.filter((each) => !excepted.includes(each)) };
}

interface Part {
  findings: Finding[];
  open: Open[];
  /** Exceptions that kept something from being found. */
  excepted: string[];
}

/** Has one policy judge one resource; nothing where it is not about such resources. */
export function reviewResource(configured: Configured, subject: Subject): Part {
  const { policy, settings } = configured;
  if (policy.scope !== "resource" || policy.kinds?.includes(subject.kind) === false) return merge([]);
  return collect(
    configured,
    tell(() => policy.check(subject, settings)),
    subject,
  );
}

/** Has one policy judge a stack. */
export function reviewStack(configured: Configured, stack: Stack): Part {
  const { policy, settings } = configured;
  if (policy.scope !== "stack") return merge([]);
  return collect(
    configured,
    tell(() => policy.check(stack, settings)),
  );
}

function collect(
  { policy, level, except }: Configured,
  judged: Iterable<Problem | StackProblem | Undecided>,
  about?: Subject,
): Part {
  const part = merge([]);
  for (const each of judged) {
    if ("undecided" in each) {
      part.open.push({ policy: policy.name, resource: about ? title(about) : "", field: each.undecided });
      continue;
    }
    const subject = about ?? ("resource" in each ? each.resource : undefined);
    const key = subject && exceptionKey(subject);
    if (key !== undefined && key in except) {
      part.excepted.push(`${policy.name} ${key}`);
      continue;
    }
    const { field, found, problem, fix } = each;
    part.findings.push({
      policy: policy.name,
      level,
      resource: subject ? title(subject) : "",
      urn: subject?.urn ?? "",
      field,
      found: found === undefined ? undefined : hidden(subject, field) ? "a secret" : show(found),
      problem,
      fix,
    });
  }
  return part;
}

/** Whether the field is, or lies in, what Pulumi keeps secret. */
function hidden(subject: Subject | undefined, field: string): boolean {
  return [...(subject?.secrets ?? [])].some((path) => field === path || field.startsWith(`${path}.`));
}

function merge(parts: Part[]): Part {
  return {
    findings: parts.flatMap(({ findings }) => findings),
    open: parts.flatMap(({ open }) => open),
    excepted: parts.flatMap(({ excepted }) => excepted),
  };
}
