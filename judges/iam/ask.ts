import process from "node:process";
import { runJudge } from "../run.ts";
import { iamProgram } from "./install.ts";

/** Where a policy stands, which decides what it may say. */
export type PolicyKind = "identity" | "resource" | "trust";

/** A request to AWS, and the policies that are there. */
export interface AwsRequest {
  /** The ARN of who asks. */
  principal: string;
  /** As in `s3:GetObject`; a survey asks for every one. */
  action?: string;
  /** The ARN of what it is asked of. */
  resource: string;
  /** What is known about the request, by context key. */
  context?: Record<string, string>;
  /** The policy of who asks. */
  identityPolicy?: object;
  /** The policy of what it is asked of: a bucket's, a key's, a role's trust. */
  resourcePolicy?: object;
}

/** How AWS decides: what nothing allows is denied, too. */
export type Decision = "Allowed" | "ImplicitlyDenied" | "ExplicitlyDenied";

/** What a policy as a whole comes to on a resource. */
export interface Survey {
  /** How many of AWS's actions can be asked of it. */
  asked: number;
  /** Those that are allowed, in order. */
  allowed: string[];
}

type Answer = { error?: unknown; ignoredContextKeys?: string[]; decision?: Decision };

/** The account of all that is asked about. */
const accountId = "123456789012";

const simulation = ({
  principal,
  action = "",
  resource,
  context = {},
  identityPolicy,
  resourcePolicy,
}: AwsRequest) => ({
  request: { principal, action, resource: { resource, accountId }, contextVariables: context },
  identityPolicies: identityPolicy ? [{ name: "permissions", policy: identityPolicy }] : [],
  serviceControlPolicies: [],
  resourceControlPolicies: [],
  resourcePolicy,
});

async function ask<T>(questions: readonly object[]): Promise<T[]> {
  const output = await runJudge(process.execPath, [await iamProgram()], { input: JSON.stringify(questions) });
  return JSON.parse(output) as T[];
}

/** What is wrong with each document as a document; nothing, when it is sound. */
export const checkPolicies = (documents: readonly { kind: PolicyKind; policy: object }[]) =>
  ask<string[]>(documents.map((document) => ({ ask: "check", ...document })));

/**
 * Has requests decided.
 *
 * @throws Error for a request that AWS could never get: an unknown action, a resource that the action cannot be asked
 *   of, a context key that does not come with it
 */
export async function decide(requests: readonly AwsRequest[]): Promise<Decision[]> {
  const answers = await ask<Answer>(
    requests.map((request) => ({ ask: "decide", simulation: simulation(request) })),
  );
  return answers.map(({ decision, error, ignoredContextKeys = [] }, index) => {
    const about = `${requests[index]?.action} on ${requests[index]?.resource}`;
    if (!decision) throw new Error(`${about} cannot be decided: ${JSON.stringify(error)}`);
    if (ignoredContextKeys.length > 0) throw new Error(`${about} never has ${ignoredContextKeys.join(", ")}`);
    return decision;
  });
}

/** Asks for every action of every service of AWS. */
export const survey = (requests: readonly AwsRequest[]) =>
  ask<Survey>(requests.map((request) => ({ ask: "survey", simulation: simulation(request) })));
