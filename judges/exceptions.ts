import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { Finding } from "./finding.ts";

const schema = z.array(
  z.strictObject({
    scanner: z.enum(["kube-score", "trivy"]),
    check: z.string().min(1),
    /** Kind and name; a `*` stands for any characters. */
    objects: z.array(z.string().regex(/^[A-Z][A-Za-z]+\/[a-z0-9.*-]+$/)).min(1),
    /** Why the program is right: a sentence that somebody can disagree with. */
    reason: z.string().min(40),
  }),
);

/** A finding that the program lives with, and why. */
export type Exception = z.infer<typeof schema>[number];

/** Reads exceptions. @throws Error naming the mistake, when they are not of that form */
export function parseExceptions(yaml: string): Exception[] {
  return schema.parse(parse(yaml));
}

/** The exceptions that the program claims. */
export const exceptions = (): Exception[] =>
  parseExceptions(readFileSync(join(import.meta.dirname, "exceptions.yaml"), "utf8"));

/** Findings that nothing explains, and objects of exceptions for which there is no finding. */
export interface Reckoning {
  unexplained: Finding[];
  /** As `scanner check object`. */
  unused: string[];
}

/** Holds findings against exceptions: a judge's check and an object at a time, so that none covers more than it says. */
export function reckon(findings: readonly Finding[], claimed: readonly Exception[]): Reckoning {
  const each = claimed.flatMap(({ scanner, check, objects }) =>
    objects.map((object) => ({ scanner, check, object, matches: pattern(object) })),
  );
  const covers = (exception: (typeof each)[number], finding: Finding) =>
    exception.scanner === finding.scanner &&
    exception.check === finding.check &&
    exception.matches.test(finding.object);
  return {
    unexplained: findings.filter((finding) => !each.some((exception) => covers(exception, finding))),
    unused: each
      .filter((exception) => !findings.some((finding) => covers(exception, finding)))
      .map(({ scanner, check, object }) => `${scanner} ${check} ${object}`),
  };
}

const pattern = (object: string) => new RegExp(`^${object.replaceAll(".", "[.]").replaceAll("*", ".*")}$`);
