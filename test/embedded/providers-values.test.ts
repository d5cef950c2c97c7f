import * as aws from "@pulumi/aws";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStack, type TestStack } from "./providers/test-stack.ts";

let stack: TestStack;
beforeEach(async () => {
  stack = await openStack();
});
afterEach(() => stack.close());

describe("values from stand-ins, through the real engine", () => {
  it("are made once, and kept", async () => {
    stack.program = () => {
      const key = new tls.PrivateKey("key", { algorithm: "RSA" });
      const password = new random.RandomPassword("password", { length: 20 });
      const id = new random.RandomId("id", { byteLength: 4 });
      return { publicKey: key.publicKeyPem, password: password.result, hex: id.hex };
    };
    const first = await stack.up();
    expect(first.outputs.publicKey).toContain("BEGIN PUBLIC KEY");
    expect((await stack.up({ expectNoChanges: true })).outputs).toEqual(first.outputs);
    const state = JSON.stringify(await stack.state());
    expect(state).not.toContain("PRIVATE KEY");
    expect(state).not.toContain(first.outputs.password);
  });

  it("are made anew when their keepers change", async () => {
    const program = (epoch: string) => () => {
      const password = new random.RandomPassword("password", { length: 20, keepers: { epoch } });
      return { password: password.result };
    };
    stack.program = program("1");
    const { outputs } = await stack.up();
    stack.program = program("2");
    const second = await stack.up();
    expect(second.changes).toMatchObject({ replace: 1 });
    expect(second.outputs).not.toEqual(outputs);
  });
});

it("a simulated bucket and role are formed as AWS forms them, and the run says that they are nowhere", async () => {
  stack.program = async () => {
    const provider = new aws.Provider("cloud", { region: "eu-central-1" });
    const bucket = new aws.s3.Bucket("nars", { bucket: "nars" }, { provider });
    const policy = await aws.iam.getPolicyDocument(
      { statements: [{ actions: ["sts:AssumeRole"], principals: [{ type: "AWS", identifiers: ["*"] }] }] },
      { provider },
    );
    const role = new aws.iam.Role("attic", { name: "attic", assumeRolePolicy: policy.json }, { provider });
    return { bucket: bucket.arn, role: role.arn };
  };
  expect((await stack.preview()).text).toContain("nothing is created in any cloud");
  const { outputs } = await stack.up();
  expect(outputs).toEqual({ bucket: "arn:aws:s3:::nars", role: "arn:aws:iam::000000000000:role/attic" });
  expect((await stack.up({ expectNoChanges: true })).outputs).toEqual(outputs);
});
