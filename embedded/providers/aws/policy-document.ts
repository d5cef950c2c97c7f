/** IAM policies as text, in the form the official provider renders them. */
import { createHash } from "node:crypto";
import { ProviderError } from "../errors.ts";
import type { Props } from "../provider.ts";

interface Statement {
  sid?: string;
  effect?: string;
  actions?: string[];
  notActions?: string[];
  resources?: string[];
  notResources?: string[];
  principals?: Principal[];
  notPrincipals?: Principal[];
  conditions?: { test: string; variable: string; values: string[] }[];
}

interface Principal {
  type: string;
  identifiers: string[];
}

/** The function `aws.iam.getPolicyDocument`. */
export function policyDocument(args: Props): Props {
  for (const key of ["sourcePolicyDocuments", "overridePolicyDocuments"]) {
    if (Array.isArray(args[key]) && args[key].length > 0) {
      throw new ProviderError(`aws.iam.getPolicyDocument: the stand-in for aws does not merge ${key}`);
    }
  }
  const statements = (args.statements ?? []) as Statement[];
  const { policyId, version = "2012-10-17" } = args;
  const document = { Version: version, Id: policyId, Statement: statements.map(render) };
  const json = JSON.stringify(document, undefined, 2);
  const id = createHash("sha256").update(json).digest().readUInt32BE(0);
  return { ...args, id: String(id), version, json, minifiedJson: JSON.stringify(document) };
}

function render(statement: Statement): Props {
  return {
    Sid: statement.sid || undefined,
    Effect: statement.effect ?? "Allow",
    Action: values(statement.actions),
    NotAction: values(statement.notActions),
    Resource: values(statement.resources),
    NotResource: values(statement.notResources),
    Principal: principals(statement.principals),
    NotPrincipal: principals(statement.notPrincipals),
    Condition: conditions(statement.conditions),
  };
}

/** One value stands alone; several are in the official provider's order, which is backwards. */
function values(list: string[] | undefined): string | string[] | undefined {
  if (list === undefined || list.length === 0) return undefined;
  return list.length === 1 ? list[0] : [...list].sort().reverse();
}

function principals(list: Principal[] | undefined): string | Props | undefined {
  if (list === undefined || list.length === 0) return undefined;
  if (list.length === 1 && list[0]?.type === "*") return "*";
  const byType: Record<string, string[]> = {};
  for (const { type, identifiers } of list) byType[type] = [...(byType[type] ?? []), ...identifiers];
  return Object.fromEntries(Object.entries(byType).map(([type, identifiers]) => [type, values(identifiers)]));
}

function conditions(list: Statement["conditions"]): Props | undefined {
  if (list === undefined || list.length === 0) return undefined;
  const byTest: Record<string, Props> = {};
  for (const { test, variable, values: wanted } of list) {
    byTest[test] = { ...byTest[test], [variable]: wanted.length === 1 ? wanted[0] : wanted };
  }
  return byTest;
}
