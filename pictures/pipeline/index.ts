import { resolve } from "node:path";
import { type Configuration, loadConfiguration } from "../../judges/gitlab-ci/configuration.ts";
import { chart } from "../chart.ts";
import { frame } from "../frame.ts";
import { occasions, type Row, rows } from "./jobs.ts";
import { pipelineSpec } from "./spec.ts";

/** The pipeline's configuration, with all that it includes. */
export const readConfiguration = (): Configuration =>
  loadConfiguration(resolve(import.meta.dirname, "../.."));

/** Which jobs a pipeline has, by why it runs, and which of them a person starts. */
export async function pipelinePicture(configuration: Configuration): Promise<string> {
  const all = rows(configuration);
  return frame(
    {
      title: "What a pipeline does",
      lead: [
        "Jobs by stage, and why a pipeline runs. What is previewed is deployed: staging by itself, production when a",
        "person says so or a release is tagged. A schedule runs what its variable SCHEDULE names, and nothing else.",
      ],
      description: describe(all),
      notes: ["From .gitlab-ci.yml and what it includes, asked for a pipeline of each kind."],
    },
    await chart(pipelineSpec(all)),
  );
}

function describe(all: readonly Row[]): string {
  return occasions
    .map(({ name }) => {
      const jobs = all.flatMap((row) => {
        const mark = row.marks[name];
        return mark ? [`${row.name} (${row.stage}, ${mark.words})`] : [];
      });
      return `${name}: ${jobs.join("; ")}.`;
    })
    .join(" ");
}
