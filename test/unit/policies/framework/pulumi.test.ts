import { createRequire } from "node:module";
import {
  type ResourceValidationPolicy,
  type StackValidationPolicy,
  unknownCheckingProxy,
} from "@pulumi/policy";
import { describe, expect, test } from "vitest";
import { each, resourcePolicy, stackPolicy } from "../../../../policies/framework/policy.ts";
import { initialSettings, pulumiPolicies } from "../../../../policies/framework/pulumi.ts";
import { integer } from "../../../../policies/framework/settings.ts";
import { ofKind, STACK_TYPE } from "../../../../policies/framework/subject.ts";
import { texts } from "../../../../policies/framework/unknown.ts";
import { recommendedLabels } from "../../../../policies/labels/recommended.ts";

/** How the engine writes what it does not know yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

const few = resourcePolicy({
  name: "few-replicas",
  description: "Nothing has many replicas.",
  level: "mandatory",
  kinds: ["apps/Deployment"],
  settings: { most: integer(2, "the most that there may be") },
  *check({ object }, { most }) {
    const replicas = object?.spec.replicas;
    if (replicas > most)
      yield { field: "spec.replicas", found: replicas, problem: "too many", fix: "Fewer." };
  },
});

const asked = stackPolicy({
  name: "asked",
  description: "Tells what was asked for.",
  level: "advisory",
  *check(stack) {
    yield* each(ofKind(stack, "apps/Deployment"), function* (resource) {
      yield { resource, field: "spec", found: resource.object?.spec, problem: "p", fix: "f" };
    });
  },
});

// What the library does when the engine calls; its own types leave these functions out.
const { makeAnalyzeRpcFun, makeAnalyzeStackRpcFun } = createRequire(import.meta.url)(
  "@pulumi/policy/server",
) as Record<
  string,
  (
    ...args: unknown[]
  ) => (call: object, callback: (error: unknown, response: Response) => void) => Promise<void>
>;
const proto = createRequire(import.meta.url)("@pulumi/pulumi/proto/analyzer_pb");
const { Struct } = createRequire(import.meta.url)("google-protobuf/google/protobuf/struct_pb");

interface Response {
  getDiagnosticsList(): { getPolicyname(): string; getMessage(): string; getUrn(): string }[];
}

interface Resource {
  urn: string;
  type: string;
  properties: object;
}

const fill = (message: Record<string, (value: unknown) => void>, { urn, type, properties }: Resource) => {
  message.setUrn?.(urn);
  message.setType?.(type);
  message.setName?.(urn.split("::").at(-1));
  message.setProperties?.(Struct.fromJavaScript(properties));
  message.setOptions?.(new proto.AnalyzerResourceOptions());
  return message;
};

/** Calls the library as the engine does, and tells what it answers. */
async function answered(rpc: unknown, request: object): Promise<string[]> {
  const response = await new Promise<Response>((resolve, reject) => {
    (rpc as ReturnType<typeof makeAnalyzeRpcFun & {}>)({ request }, (error, response) =>
      error ? reject(error) : resolve(response),
    );
  });
  return response.getDiagnosticsList().map((each) => `${each.getPolicyname()}: ${each.getMessage()}`);
}

function engine(policies: ReturnType<typeof pulumiPolicies>) {
  const args = ["pack", "1.0.0", "mandatory", policies];
  const [one, all] = [makeAnalyzeRpcFun?.(...args), makeAnalyzeStackRpcFun?.(...args)];
  return {
    analyze: (resource: Resource) => answered(one, fill(new proto.AnalyzeRequest(), resource)),
    analyzeStack: (resources: Resource[]) => {
      const request = new proto.AnalyzeStackRequest();
      request.setResourcesList(resources.map((each) => fill(new proto.AnalyzerResource(), each)));
      return answered(all, request);
    },
  };
}

const deployment = (spec: object): Resource => ({
  urn: "urn:pulumi:s::p::kubernetes:apps/v1:Deployment::attic",
  type: "kubernetes:apps/v1:Deployment",
  properties: { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "attic" }, spec },
});

describe("a policy in the engine's hands", () => {
  test("tells what it finds, below its own description", async () => {
    expect(await engine(pulumiPolicies([few])).analyze(deployment({ replicas: 3 }))).toEqual([
      "few-replicas: Nothing has many replicas.\nDeployment attic spec.replicas: 3\n  too many\n  Fewer.",
    ]);
  });

  test("says nothing where it cannot tell yet, nor about other kinds", async () => {
    const { analyze } = engine(pulumiPolicies([few]));
    expect(await analyze(deployment({ replicas: UNKNOWN }))).toEqual([]);
    expect(await analyze({ ...deployment({ replicas: 3 }), type: "kubernetes:apps/v1:StatefulSet" })).toEqual(
      [],
    );
  });

  test("sees a resource anew with each request", async () => {
    const { analyze } = engine(pulumiPolicies([few, recommendedLabels]));
    const told = async (replicas: number) =>
      (await analyze(deployment({ replicas }))).filter((text) => text.startsWith("few")).length;
    expect([await told(3), await told(1), await told(4)]).toEqual([1, 0, 1]);
  });

  test("of a stack judges what the program asked for, not what became of it", async () => {
    const { analyze, analyzeStack } = engine(pulumiPolicies([asked]));
    await analyze(deployment({ paused: true }));
    expect(await analyzeStack([deployment({ paused: true, replicas: 1 })])).toEqual([
      'asked: Tells what was asked for.\nDeployment attic spec: {"paused":true}\n  p\n  f',
    ]);
  });

  test("of a stack takes what became of it where nothing else is known", async () => {
    const [told] = await engine(pulumiPolicies([asked])).analyzeStack([deployment({ replicas: 1 })]);
    expect(told).toContain('{"replicas":1}');
  });

  test("knows which values are secret, though the library hands them over bare", async () => {
    const secrets = stackPolicy({
      name: "secrets",
      description: "Tells secrets.",
      level: "advisory",
      *check({ resources }) {
        for (const resource of resources) {
          for (const { path, text } of texts(resource.properties)) {
            const secret = resource.secrets?.has(path);
            yield { resource, field: path, problem: `${text} is ${secret ? "secret" : "plain"}`, fix: "f" };
          }
        }
      },
    });
    const outputs = { a: "one", b: { ...SECRET, value: "two" }, c: [{ ...SECRET, value: "three" }] };
    const told = await engine(pulumiPolicies([secrets])).analyzeStack([
      { urn: `urn:pulumi:s::p::${STACK_TYPE}::p-s`, type: STACK_TYPE, properties: outputs },
    ]);
    expect(told.map((text) => text.split("\n")[2]?.trim())).toEqual([
      "one is plain",
      "two is secret",
      "three is secret",
    ]);
  });
});

describe("the library", () => {
  const [policy] = pulumiPolicies([few]) as ResourceValidationPolicy[];
  const judge = (config: Record<string, unknown>) => {
    const told: string[] = [];
    const { urn, type, properties } = deployment({ replicas: 3 });
    const props = unknownCheckingProxy(properties);
    const args = { urn, type, name: "attic", props, opts: { protect: false }, getConfig: () => config };
    const validate = policy?.validateResource as unknown as (...args: unknown[]) => void;
    validate(args, (text: string) => told.push(text));
    return told.length;
  };

  test("is told names, levels and settings with their types and defaults", () => {
    expect(policy).toMatchObject({ name: "few-replicas", enforcementLevel: "mandatory" });
    expect(policy?.configSchema?.properties).toMatchObject({
      most: { type: "integer", minimum: 0, default: 2 },
      except: { type: "object", default: {} },
    });
  });

  test("hands settings and exceptions back", () => {
    expect(judge({})).toBe(1);
    expect(judge({ most: 3 })).toBe(0);
    expect(judge({ except: { "Deployment/attic": "as many as it likes" } })).toBe(0);
  });

  test("is given a function for stacks only by policies about stacks", () => {
    const [one, other] = pulumiPolicies([few, asked]) as (ResourceValidationPolicy &
      Partial<StackValidationPolicy>)[];
    expect([one?.validateStack, one?.remediateResource]).toEqual([undefined, undefined]);
    expect(other?.validateStack).toBeTypeOf("function");
  });
});

describe("a stack's settings, handed to the library", () => {
  test("name every policy's level: without one the library takes a policy for advisory", () => {
    expect(initialSettings([few, asked], { "few-replicas": { most: 3 } })).toEqual({
      "few-replicas": { enforcementLevel: "mandatory", most: 3, except: {} },
      asked: { enforcementLevel: "advisory", except: {} },
    });
  });

  test("spell the level of all out", () => {
    expect(initialSettings([few, asked], { all: "disabled", asked: "mandatory" })).toMatchObject({
      "few-replicas": { enforcementLevel: "disabled" },
      asked: { enforcementLevel: "mandatory" },
    });
  });
});
