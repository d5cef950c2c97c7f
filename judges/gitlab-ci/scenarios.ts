import type { Variables } from "./expression.ts";

const project = { CI_PROJECT_PATH: "platform/attic", CI_DEFAULT_BRANCH: "main", CI_PROJECT_ID: "42" };

const branch = (name: string, more: Variables = {}) => ({
  ...project,
  CI_PIPELINE_SOURCE: "push",
  CI_COMMIT_BRANCH: name,
  CI_COMMIT_REF_NAME: name,
  CI_COMMIT_REF_PROTECTED: String(name === "main"),
  ...more,
});

const mergeRequest = (from: string, more: Variables = {}) => ({
  ...project,
  CI_PIPELINE_SOURCE: "merge_request_event",
  CI_COMMIT_REF_NAME: "faster-gc",
  CI_MERGE_REQUEST_IID: "7",
  CI_MERGE_REQUEST_PROJECT_ID: "42",
  CI_MERGE_REQUEST_PROJECT_PATH: "platform/attic",
  CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: from,
  CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main",
  CI_OPEN_MERGE_REQUESTS: "platform/attic!7",
  ...more,
});

const tag = (name: string) => ({
  ...project,
  CI_PIPELINE_SOURCE: "push",
  CI_COMMIT_TAG: name,
  CI_COMMIT_REF_NAME: name,
  CI_COMMIT_REF_PROTECTED: "true",
});

const schedule = (name?: string) => ({
  ...branch("main", { CI_PIPELINE_SOURCE: "schedule" }),
  ...(name !== undefined && { SCHEDULE: name }),
});

/** What GitLab sets for each kind of pipeline, as docs.gitlab.com/ci/variables/predefined_variables tells. */
export const scenarios = {
  branch: branch("faster-gc"),
  branchWithMergeRequest: branch("faster-gc", { CI_OPEN_MERGE_REQUESTS: "platform/attic!7" }),
  branchByHand: branch("faster-gc", {
    CI_PIPELINE_SOURCE: "web",
    CI_OPEN_MERGE_REQUESTS: "platform/attic!7",
  }),
  mergeRequest: mergeRequest("platform/attic"),
  mergeRequestWithProduction: mergeRequest("platform/attic", { PREVIEW_PRODUCTION: "true" }),
  mergeRequestOfFork: mergeRequest("someone/attic", { PREVIEW_PRODUCTION: "true" }),
  main: branch("main"),
  mainByHand: branch("main", { CI_PIPELINE_SOURCE: "web" }),
  release: tag("v1.2.3"),
  candidate: tag("v1.2.3-rc.1"),
  otherTag: tag("before-migration"),
  rotateTokens: schedule("rotate-tokens"),
  drift: schedule("drift"),
  restoreDrill: schedule("restore-drill"),
  rootReminder: schedule("root-reminder"),
  unknownSchedule: schedule("rotate-token"),
  namelessSchedule: schedule(),
} satisfies Record<string, Variables>;

export type Scenario = keyof typeof scenarios;
