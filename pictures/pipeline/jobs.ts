import type { Configuration } from "../../judges/gitlab-ci/configuration.ts";
import { pipelineOf, type When } from "../../judges/gitlab-ci/pipeline.ts";
import { type Scenario, scenarios } from "../../judges/gitlab-ci/scenarios.ts";

/** Why a pipeline runs, a column each; of several kinds, a job is shown in the first that has it. */
export const occasions: readonly { name: string; kinds: readonly Scenario[] }[] = [
  { name: "branch", kinds: ["branch"] },
  { name: "merge request", kinds: ["mergeRequest"] },
  { name: "main", kinds: ["main"] },
  { name: "tag v1.2.3", kinds: ["release"] },
  { name: "schedule", kinds: ["rotateTokens", "drift", "restoreDrill", "rootReminder"] },
];

/** One or more jobs that run on the same occasions. */
export interface Row {
  stage: string;
  name: string;
  /** By the occasion's name. For a schedule, what its variable SCHEDULE says. */
  marks: Record<string, { when: When; words: string }>;
}

/** The jobs of a configuration by stage, those together that differ in their environment alone. */
export function rows(configuration: Configuration): Row[] {
  const pipelines = occasions.map(({ name, kinds }) => ({
    name,
    kinds: kinds.map((kind) => ({
      variables: scenarios[kind],
      jobs: pipelineOf(configuration, scenarios[kind]),
    })),
  }));
  const all = [...configuration.jobs].flatMap(([name, { stage }]): Row[] => {
    const marks: Row["marks"] = {};
    for (const { name: occasion, kinds } of pipelines) {
      const found = kinds.find(({ jobs }) => jobs?.has(name));
      const when = found?.jobs?.get(name);
      if (found && when) marks[occasion] = { when, words: wordsOf(when, found.variables) };
    }
    return Object.keys(marks).length > 0 ? [{ stage, name, marks }] : [];
  });
  return configuration.stages.flatMap((stage) => together(all.filter((row) => row.stage === stage)));
}

function wordsOf(when: When, variables: Readonly<Record<string, string>>): string {
  if (when === "manual") return "by hand";
  return variables.SCHEDULE ?? "by itself";
}

/** `drift:staging` and `drift:production` as `drift: staging, production`, where their marks are the same. */
function together(all: readonly Row[]): Row[] {
  const groups = Map.groupBy(all, ({ name, marks }) => `${name.replace(/:.*/, "")} ${JSON.stringify(marks)}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first || group.length === 1) return group;
    const [base] = first.name.split(":");
    return [
      { ...first, name: `${base}: ${group.map(({ name }) => name.replace(/^[^:]*:/, "")).join(", ")}` },
    ];
  });
}
