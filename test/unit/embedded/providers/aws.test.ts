import { describe, expect, it } from "vitest";
import { awsProvider } from "../../../../embedded/providers/aws/index.ts";
import { policyDocument } from "../../../../embedded/providers/aws/policy-document.ts";
import type { Context, Props } from "../../../../embedded/providers/provider.ts";

const context: Context = { log() {}, status() {}, signal: new AbortController().signal };

async function created(type: string, inputs: Props, config: Props = { region: "eu-central-1" }) {
  const provider = awsProvider({});
  await provider.configure?.(config, context);
  const resource = { urn: `urn:pulumi:dev::p::${type}::logical`, type, name: "logical" };
  const { inputs: news } = await provider.check(
    { ...resource, olds: {}, news: inputs, randomSeed: Uint8Array.of(1) },
    context,
  );
  return await provider.create({ ...resource, news, timeout: 0, preview: false }, context);
}

describe("a simulated resource", () => {
  it.each([
    ["aws:s3/bucket:Bucket", { bucket: "nars" }, "nars", "arn:aws:s3:::nars"],
    ["aws:iam/role:Role", { name: "attic" }, "attic", "arn:aws:iam::000000000000:role/attic"],
    [
      "aws:iam/role:Role",
      { name: "attic", path: "/ci/" },
      "attic",
      "arn:aws:iam::000000000000:role/ci/attic",
    ],
    [
      "aws:iam/policy:Policy",
      { name: "rw" },
      "arn:aws:iam::000000000000:policy/rw",
      "arn:aws:iam::000000000000:policy/rw",
    ],
    ["aws:kms/alias:Alias", { name: "alias/k" }, "alias/k", "arn:aws:kms:eu-central-1:000000000000:alias/k"],
    ["aws:sqs/queue:Queue", { name: "q" }, "q", "arn:aws:sqs:eu-central-1:000000000000:queue/q"],
  ])("%s %j has id %s and ARN %s", async (type, inputs, id, arn) => {
    expect(await created(type, inputs)).toMatchObject({ id, outputs: { ...inputs, arn } });
  });

  it("has the same made-up id each time", async () => {
    const [one, other] = await Promise.all([created("aws:kms/key:Key", {}), created("aws:kms/key:Key", {})]);
    expect(one?.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(other?.id).toBe(one?.id);
  });

  it("gets a name when it has none", async () => {
    expect((await created("aws:s3/bucket:Bucket", {})).id).toMatch(/^logical-[0-9a-f]{7}$/);
  });

  it("carries the provider's default tags", async () => {
    const config = { defaultTags: JSON.stringify({ tags: { stack: "dev", team: "a" } }) };
    const { outputs } = await created("aws:s3/bucket:Bucket", { tags: { team: "b" } }, config);
    expect(outputs.tagsAll).toEqual({ stack: "dev", team: "b" });
  });

  it("is replaced when its name changes, and only then", async () => {
    const type = "aws:s3/bucket:Bucket";
    const oldInputs = { bucket: "a", forceDestroy: false };
    const { detailed } = await awsProvider({}).diff(
      {
        urn: "",
        type,
        name: "b",
        id: "a",
        oldInputs,
        oldOutputs: {},
        news: { bucket: "b", forceDestroy: true },
        ignoreChanges: [],
      },
      context,
    );
    expect(detailed).toEqual({ bucket: "update-replace", forceDestroy: "update" });
  });
});

it("says that nothing is created in any cloud", () => {
  expect(awsProvider({}).notice).toContain("nothing is created in any cloud");
});

describe("functions", () => {
  it("answer without a cloud", async () => {
    const provider = awsProvider({});
    await provider.configure?.({ region: "eu-central-1" }, context);
    const ask = async (name: string) => await provider.invoke?.(`aws:index/${name}:${name}`, {}, context);
    expect(await ask("getCallerIdentity")).toMatchObject({ accountId: "000000000000" });
    expect(await ask("getRegion")).toMatchObject({ name: "eu-central-1", region: "eu-central-1" });
    expect(await ask("getPartition")).toMatchObject({ partition: "aws", dnsSuffix: "amazonaws.com" });
  });

  it("that need one say so, and which do not", async () => {
    const asked = awsProvider({}).invoke?.("aws:ec2/getAmi:getAmi", {}, context);
    await expect(asked).rejects.toThrow(/aws:ec2\/getAmi:getAmi: .* it knows .*getPolicyDocument/);
  });
});

describe("getPolicyDocument", () => {
  it("renders what AWS reads", () => {
    const statement = {
      sid: "AssumeByCI",
      actions: ["sts:AssumeRoleWithWebIdentity"],
      principals: [{ type: "Federated", identifiers: ["arn:aws:iam::1:oidc-provider/oidc"] }],
      conditions: [
        { test: "StringEquals", variable: "oidc:sub", values: ["system:serviceaccount:a:b"] },
        { test: "StringEquals", variable: "oidc:aud", values: ["x", "y"] },
      ],
    };
    const { json } = policyDocument({ statements: [statement] });
    expect(JSON.parse(String(json))).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "AssumeByCI",
          Effect: "Allow",
          Action: "sts:AssumeRoleWithWebIdentity",
          Principal: { Federated: "arn:aws:iam::1:oidc-provider/oidc" },
          Condition: { StringEquals: { "oidc:sub": "system:serviceaccount:a:b", "oidc:aud": ["x", "y"] } },
        },
      ],
    });
  });

  it("has lists in the official provider's order, and one value alone", () => {
    const statements = [
      { effect: "Deny", actions: ["s3:Get", "s3:Put"], resources: ["*"], notPrincipals: [] },
    ];
    const { minifiedJson } = policyDocument({ statements });
    expect(minifiedJson).toBe(
      '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["s3:Put","s3:Get"],"Resource":"*"}]}',
    );
  });

  it("writes everyone as a star", () => {
    const statements = [{ actions: ["s3:Get"], principals: [{ type: "*", identifiers: ["*"] }] }];
    expect(JSON.parse(String(policyDocument({ statements }).json)).Statement[0].Principal).toBe("*");
  });
});
