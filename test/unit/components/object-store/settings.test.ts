import { describe, expect, test } from "vitest";
import { least, s3, stackConfig } from "../../../support/settings.ts";

const region = "eu-central-1";
const aws = { oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/issuer.example.com/id/1" };
const roleArn = "arn:aws:iam::123456789012:role/attic-pg";

describe("the configuration refuses", () => {
  test.each([
    [
      "a transition before S3 allows one",
      { objectStore: { ...s3({}), infrequentAccessAfterDays: 7 } },
      "must be at least 30, as S3 demands, or 0 for never",
    ],
    [
      "a key of another region than the buckets'",
      { objectStore: { region, aws: { ...aws, kmsKeyArn: "arn:aws:kms:us-east-1:123456789012:key/1" } } },
      "must be a key in the buckets' region, eu-central-1",
    ],
    [
      "an endpoint on AWS",
      { objectStore: { region, aws, s3: { endpoint: "https://s3.example.com" } } },
      "goes with provider s3",
    ],
    [
      "buckets to be made at no endpoint",
      { objectStore: s3({ createBuckets: true }) },
      "needs an endpoint to make them at",
    ],
    [
      "a second role for the backups",
      { objectStore: { region, aws }, database: { cloudNativePg: { roleArn } } },
      "with aws, the stack makes the role itself",
    ],
  ])("%s", (_, settings, words) => {
    expect(() => stackConfig(settings)).toThrow(words);
  });
});

test.each([
  ["no transition at all", { objectStore: { ...s3({}), infrequentAccessAfterDays: 0 } }],
  [
    "a key in the buckets' region",
    { objectStore: { region, aws: { ...aws, kmsKeyArn: `arn:aws:kms:${region}:123456789012:key/1` } } },
  ],
  ["a role for the backups elsewhere", { objectStore: s3({}), database: { cloudNativePg: { roleArn } } }],
])("the configuration takes %s", (_, settings) => {
  expect(() => stackConfig({ ...least, ...settings })).not.toThrow();
});
