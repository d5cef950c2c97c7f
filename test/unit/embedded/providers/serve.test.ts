import * as grpc from "@grpc/grpc-js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import statusPb from "@pulumi/pulumi/proto/status_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import { afterEach, describe, expect, it } from "vitest";
import { InitFailedError, ProviderError } from "../../../../embedded/providers/errors.ts";
import type { Provider } from "../../../../embedded/providers/provider.ts";
import { type Served, serve } from "../../../../embedded/providers/serve.ts";
import { fromStruct, toStruct, UNKNOWN } from "../../../../embedded/providers/struct.ts";

const URN = "urn:pulumi:dev::project::a:b:Parent$test:index:Thing::my::thing";

/** A provider that answers as the test says. */
function provider(overrides: Partial<Provider> = {}): Provider {
  return {
    name: "test",
    version: "1.2.3+standin",
    check: async ({ news }) => ({ inputs: news }),
    diff: async () => ({ detailed: {} }),
    create: async ({ news }) => ({ id: "id", outputs: news }),
    read: async ({ id, inputs, outputs }) => ({ id, inputs, outputs }),
    update: async ({ news }) => news,
    delete: async () => {},
    ...overrides,
  };
}

type Unary = (request: unknown, callback: (error: grpc.ServiceError | null, value: never) => void) => void;

const open: { close(): void }[] = [];
afterEach(() => {
  for (const it of open.splice(0)) it.close();
});

/** A served provider, and a client of it as the engine is one. */
async function connect(create: () => Provider) {
  const served: Served = await serve(create);
  open.push(served);
  return client(served);
}

function client({ port }: Served) {
  const stub = new providerGrpc.ResourceProviderClient(
    `127.0.0.1:${port}`,
    grpc.credentials.createInsecure(),
    {
      // Each client of a test is an engine of its own.
      "grpc.use_local_subchannel_pool": 1,
    },
  );
  open.push(stub);
  return <Response>(method: string, request: unknown): Promise<Response> =>
    new Promise((resolve, reject) => {
      const call = (stub as unknown as Record<string, Unary>)[method] as Unary;
      call.call(stub, request, (error, value) => (error ? reject(error) : resolve(value)));
    });
}

describe("the server", () => {
  it("says what it is", async () => {
    const call = await connect(() => provider());
    const info = await call<{ getVersion(): string }>("getPluginInfo", new emptyPb.Empty());
    expect(info.getVersion()).toBe("1.2.3+standin");
  });

  it("answers what it does not know with UNIMPLEMENTED, as engines expect", async () => {
    const call = await connect(() => provider());
    await expect(call("getSchema", new pb.GetSchemaRequest())).rejects.toMatchObject({
      code: grpc.status.UNIMPLEMENTED,
    });
  });

  it("hands on the preview flag, the timeout and unknown values", async () => {
    let seen: unknown;
    const call = await connect(() =>
      provider({
        async create(request) {
          seen = request;
          return { id: "", outputs: request.news };
        },
      }),
    );
    const request = new pb.CreateRequest().setUrn(URN).setPreview(true).setTimeout(7);
    request.setProperties(toStruct({ a: UNKNOWN }));
    const response = await call<InstanceType<typeof pb.CreateResponse>>("create", request);
    expect(seen).toMatchObject({ preview: true, timeout: 7, news: { a: UNKNOWN } });
    expect(fromStruct(response.getProperties())).toEqual({ a: UNKNOWN });
  });

  it("finds type and name in the URN of older engines", async () => {
    let seen: unknown;
    const call = await connect(() =>
      provider({
        async check(request) {
          seen = request;
          return { inputs: {}, failures: [{ property: "a.b", reason: "wrong" }] };
        },
      }),
    );
    const response = await call<InstanceType<typeof pb.CheckResponse>>(
      "check",
      new pb.CheckRequest().setUrn(URN),
    );
    expect(seen).toMatchObject({ type: "test:index:Thing", name: "my::thing" });
    expect(response.getFailuresList().map((failure) => failure.toObject())).toEqual([
      { property: "a.b", reason: "wrong" },
    ]);
  });

  it("gives diffs by path, and asks for replacement where one needs it", async () => {
    const detailed = { "spec.a": "update", 'spec.b["c.d"]': "add-replace" } as const;
    const call = await connect(() =>
      provider({ diff: async () => ({ detailed, deleteBeforeReplace: true }) }),
    );
    const diff = await call<InstanceType<typeof pb.DiffResponse>>("diff", new pb.DiffRequest().setUrn(URN));
    expect(diff.toObject()).toMatchObject({
      changes: pb.DiffResponse.DiffChanges.DIFF_SOME,
      replacesList: ['spec.b["c.d"]'],
      diffsList: ["spec"],
      deletebeforereplace: true,
      hasdetaileddiff: true,
    });
    expect(diff.getDetaileddiffMap().get("spec.a")?.getKind()).toBe(pb.PropertyDiff.Kind.UPDATE);
  });

  it("says that nothing changes when nothing does", async () => {
    const call = await connect(() => provider());
    const diff = await call<InstanceType<typeof pb.DiffResponse>>("diff", new pb.DiffRequest().setUrn(URN));
    expect(diff.getChanges()).toBe(pb.DiffResponse.DiffChanges.DIFF_NONE);
  });

  it("reports a resource that is gone by an empty id", async () => {
    const call = await connect(() => provider({ read: async () => ({ id: "", inputs: {}, outputs: {} }) }));
    const read = await call<InstanceType<typeof pb.ReadResponse>>(
      "read",
      new pb.ReadRequest().setUrn(URN).setId("x"),
    );
    expect([read.getId(), read.hasProperties()]).toEqual(["", false]);
  });

  it("configures each connection's provider on its own", async () => {
    const create = () => {
      let region: unknown;
      return provider({
        async configure(config) {
          region = config.region;
        },
        read: async () => ({ id: String(region), inputs: {}, outputs: {} }),
      });
    };
    const served = await serve(create);
    open.push(served);
    const [one, other] = [client(served), client(served)];
    await one("configure", new pb.ConfigureRequest().setArgs(toStruct({ region: "one" })));
    await other("configure", new pb.ConfigureRequest().setArgs(toStruct({ region: "other" })));
    const read = await one<InstanceType<typeof pb.ReadResponse>>("read", new pb.ReadRequest().setUrn(URN));
    expect(read.getId()).toBe("one");
  });
});

describe("failures", () => {
  const failing = (error: Error) =>
    connect(() =>
      provider({
        async create() {
          throw error;
        },
      }),
    );
  const create = () => new pb.CreateRequest().setUrn(URN).setProperties(toStruct({}));

  it("of the user's making are their message, with no stack", async () => {
    const call = await failing(new ProviderError("first line\nsecond – line"));
    await expect(call("create", create())).rejects.toMatchObject({
      code: grpc.status.FAILED_PRECONDITION,
      details: "first line\nsecond – line",
    });
  });

  it("of ours have a stack", async () => {
    const call = await failing(new TypeError("x is not a function"));
    await expect(call("create", create())).rejects.toMatchObject({
      code: grpc.status.INTERNAL,
      details: expect.stringMatching(/stand-in failed: TypeError: x is not a function\n +at /),
    });
  });

  it("half way keep the object, with its reasons", async () => {
    const outputs = { data: "x".repeat(10_000) };
    const call = await failing(new InitFailedError("ns/name", outputs, ["first", "second"]));
    const error = await call("create", create()).then(
      () => undefined,
      (reason: grpc.ServiceError) => reason,
    );
    const [bytes] = error?.metadata.get("grpc-status-details-bin") ?? [];
    const [any] = statusPb.Status.deserializeBinary(bytes as Buffer).getDetailsList();
    const detail = pb.ErrorResourceInitFailed.deserializeBinary(any?.getValue_asU8() ?? new Uint8Array());
    expect([detail.getId(), detail.getReasonsList()]).toEqual(["ns/name", ["first", "second"]]);
    expect(fromStruct(detail.getProperties())).toEqual(outputs);
  });

  it("cancel what runs when the user does", async () => {
    const call = await connect(() =>
      provider({
        create: (_, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => reject(new ProviderError("cancelled")));
          }),
      }),
    );
    const refused = expect(call("create", create())).rejects.toMatchObject({ details: "cancelled" });
    await call("cancel", new emptyPb.Empty());
    await refused;
  });
});
