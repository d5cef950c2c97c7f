import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Checkout, checkout } from "../support/gitlab-ci/checkout.ts";
import { loadConfiguration } from "../support/gitlab-ci/configuration.ts";
import { pipelineOf } from "../support/gitlab-ci/pipeline.ts";
import { listJobs } from "../support/gitlab-ci/run.ts";
import { type Scenario, scenarios } from "../support/gitlab-ci/scenarios.ts";

let copy: Checkout;
beforeAll(async () => {
  copy = await checkout();
  await copy.commit({});
});
afterAll(() => copy.remove());

describe("gitlab-ci-local", () => {
  // Those in which most rules differ; test/unit/ci tries all of them.
  test.each<Scenario>(["mergeRequest", "main", "release", "rotateTokens"])(
    "finds the configuration valid, and the same jobs in a pipeline of kind %s",
    async (scenario) => {
      const expected = pipelineOf(loadConfiguration(copy.folder), scenarios[scenario]);
      const found = await listJobs(copy, scenarios[scenario]);
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected ?? []));
    },
  );
});
