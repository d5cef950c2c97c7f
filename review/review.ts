import { execFileSync } from "node:child_process";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { loadStackConfig } from "../config/load.ts";
import { parseStackFile, readStackFile } from "../config/stack-file.ts";
import { estimate } from "../cost/estimate.ts";
import { readPrices } from "../cost/prices.ts";
import program from "../index.ts";
import { policies } from "../policies/all.ts";
import { configure } from "../policies/framework/config.ts";
import { stackOf } from "../policies/framework/recording.ts";
import { review as judge } from "../policies/framework/review.ts";
import { reviewPlan } from "../policies/plan.ts";
import { planExceptions, stackSettings } from "../policies/stack-settings.ts";
import { record } from "../render/record.ts";
import { type ReportInput, report } from "./report.ts";
import { stepsOf } from "./steps.ts";

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
  /** Whether a mandatory policy or a rule over plans refuses. */
  refused: boolean;
}

/**
 * Reviews a plan. The program is recorded for it on the mock monitor, and Pulumi's runtime is global: nothing else may
 * run a program meanwhile.
 * @throws ConfigError with every mistake in the stack's file
 */
export async function review(request: ReviewRequest): Promise<Reviewed> {
  const { stack, folder, events, now, base, remarks } = request;
  const input: ReportInput = {
    stack,
    steps: stepsOf(events),
    policies: await judged(stack, folder, now),
    plan: planFindings(stack, events),
    cost: cost(stack, folder, base),
    remarks,
  };
  const refused =
    (input.plan ?? []).length > 0 ||
    (input.policies?.review.findings ?? []).some(({ level }) => level !== "advisory");
  return { text: report(input), refused };
}

/**
 * What the rules over plans refuse of a plan.
 * @throws Error that names `policies/config/<stack>.json` and every mistake in what it excepts
 */
export function planFindings(stack: string, events: readonly EngineEvent[]) {
  const steps = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
  return reviewPlan(steps, planExceptions(stack)).findings;
}

async function judged(stack: string, folder: string, now?: Date): Promise<ReportInput["policies"]> {
  const configured = configure(policies, stackSettings(policies, stack)).filter(
    ({ level }) => level !== "disabled",
  );
  const recording = await record(() => program(now), { stack, config: readStackFile(folder, stack) });
  return { count: configured.length, review: judge(configured, stackOf(recording)) };
}

function cost(stack: string, folder: string, base: string | undefined): ReportInput["cost"] {
  const name = `Pulumi.${stack}.yaml`;
  const prices = readPrices();
  const { currency, asOf } = prices;
  const after = estimate(loadStackConfig(readStackFile(folder, stack), name), prices);
  if (!base) return { currency, asOf, after };
  const text = execFileSync("git", ["show", `${base}:./${name}`], { cwd: folder, encoding: "utf8" });
  const before = estimate(loadStackConfig(parseStackFile(text), `${name} at ${base}`), prices);
  return { currency, asOf, after, before };
}
