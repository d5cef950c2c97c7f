import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { readStackFile } from "../config/stack-file.ts";
import program from "../index.ts";
import { policies } from "../policies/all.ts";
import { configure } from "../policies/framework/config.ts";
import { stackOf } from "../policies/framework/recording.ts";
import { review as judge } from "../policies/framework/review.ts";
import { type Exceptions, type PlanFinding, reviewPlan } from "../policies/plan.ts";
import { planExceptions, stackSettings } from "../policies/stack-settings.ts";
import { record } from "../render/record.ts";
import { cost } from "./cost.ts";
import { objections } from "./policies.ts";
import { type ReportInput, report } from "./report.ts";
import { stepsOf } from "./steps.ts";
import { tokenChanges } from "./tokens.ts";

/** What is reviewed. */
export interface ReviewRequest {
  /** The stack's name, as in the name of its file. */
  stack: string;
  /** The folder with the stack's file. */
  folder: string;
  /** The plan, as the engine told it. */
  events: readonly EngineEvent[];
  /** The time of the update. @default now */
  now?: Date;
  /** Git revision whose stack file the cost is compared with. @default none */
  base?: string;
  /** Why the plan is not the whole truth. @default none */
  remarks?: readonly string[];
}

/** What a review came to. */
export interface Reviewed {
  /** The page, in Markdown. */
  text: string;
  /** Whether a mandatory policy, here or in the engine, or a rule over plans refuses. */
  refused: boolean;
}

/**
 * Reviews a plan. The program is recorded for it on the mock monitor, and Pulumi's runtime is global: nothing else may
 * run a program meanwhile.
 * @throws ConfigError with every mistake in the stack's file
 * @throws UsageError when Git knows no such revision as is compared with
 */
export async function review(request: ReviewRequest): Promise<Reviewed> {
  const { stack, events, remarks = [] } = request;
  const { findings, warnings } = planReview(stack, events);
  const input: ReportInput = {
    stack,
    steps: stepsOf(events),
    policies: await judged(request),
    plan: findings,
    tokens: tokenChanges(events),
    cost: cost(request),
    remarks: [...remarks, ...warnings],
  };
  const refused = findings.length > 0 || (input.policies?.objections ?? []).some(({ refuses }) => refuses);
  return { text: report(input), refused };
}

/**
 * What the rules over plans refuse of a plan, and which exceptions from them nothing needs, a sentence each.
 * @param except what the rules leave alone. @default what the stack's file of settings says
 * @throws Error that names `policies/config/<stack>.json` and every mistake in what it excepts
 */
export function planReview(
  stack: string,
  events: readonly EngineEvent[],
  except: Exceptions = planExceptions(stack),
): { findings: PlanFinding[]; warnings: string[] } {
  const steps = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
  const { findings, unusedExceptions } = reviewPlan(steps, except);
  const warnings = unusedExceptions.map(
    (each) =>
      `policies/config/${stack}.json has an exception that this plan has no need of: ${each}. ` +
      "Take it out, before it lets something else through.",
  );
  return { findings, warnings };
}

async function judged({ stack, folder, events, now }: ReviewRequest): Promise<ReportInput["policies"]> {
  const configured = configure(policies, stackSettings(policies, stack)).filter(
    ({ level }) => level !== "disabled",
  );
  const recording = await record(() => program(now), { stack, config: readStackFile(folder, stack) });
  const { findings, open } = judge(configured, stackOf(recording));
  return { count: configured.length, objections: objections(findings, events), open: open.length };
}
