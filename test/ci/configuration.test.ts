import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfiguration } from "../../judges/gitlab-ci/configuration.ts";
import { pipelineOf } from "../../judges/gitlab-ci/pipeline.ts";
import { type Scenario, scenarios } from "../../judges/gitlab-ci/scenarios.ts";
import { type Checkout, checkout } from "../support/gitlab-ci/checkout.ts";
import { listJobs } from "../support/gitlab-ci/run.ts";

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
