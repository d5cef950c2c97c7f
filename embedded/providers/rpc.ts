/** The protocol's methods: messages in, the provider's plain objects through, messages out. */
import * as grpc from "@grpc/grpc-js";
import type { PluginAttach } from "@pulumi/pulumi/proto/plugin_pb.js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as messages from "@pulumi/pulumi/proto/provider_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import statusPb from "@pulumi/pulumi/proto/status_pb.js";
import errorAny from "google-protobuf/google/protobuf/any_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import { InitFailedError, messageOf, ProviderError } from "./errors.ts";
import type { CheckResult, ConfigRequest, DiffKind, DiffResult, Resource } from "./provider.ts";
import type { Instance } from "./serve.ts";
import { fromStruct, toStruct } from "./struct.ts";

export type Call = grpc.ServerUnaryCall<unknown, unknown>;

interface Addressed {
  getUrn(): string;
  getName(): string;
  getType(): string;
}

/** Older engines send only the URN, which ends in `type::name`, the type's parents joined by `$`. */
function resourceOf(request: Addressed): Resource {
  const urn = request.getUrn();
  const [, , types = "", ...name] = urn.split("::");
  return {
    urn,
    type: request.getType() || (types.split("$").at(-1) ?? ""),
    name: request.getName() || name.join("::"),
  };
}

const AUTONAMING_MODES = ["propose", "enforce", "disable"] as const;

const DIFF_KINDS: Record<DiffKind, messages.PropertyDiff.Kind> = {
  add: pb.PropertyDiff.Kind.ADD,
  "add-replace": pb.PropertyDiff.Kind.ADD_REPLACE,
  delete: pb.PropertyDiff.Kind.DELETE,
  "delete-replace": pb.PropertyDiff.Kind.DELETE_REPLACE,
  update: pb.PropertyDiff.Kind.UPDATE,
  "update-replace": pb.PropertyDiff.Kind.UPDATE_REPLACE,
};

function checkResponse(result: CheckResult): messages.CheckResponse {
  const response = new pb.CheckResponse().setInputs(toStruct(result.inputs));
  response.setFailuresList(
    (result.failures ?? []).map(({ property, reason }) =>
      new pb.CheckFailure().setProperty(property).setReason(reason),
    ),
  );
  return response;
}

function diffResponse(result: DiffResult): messages.DiffResponse {
  const entries = Object.entries(result.detailed);
  const response = new pb.DiffResponse().setHasdetaileddiff(true);
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  response.setChanges(entries.length === 0 ? DIFF_NONE : DIFF_SOME);
  const detailed = response.getDetaileddiffMap();
  for (const [path, kind] of entries) {
    detailed.set(path, new pb.PropertyDiff().setKind(DIFF_KINDS[kind]).setInputdiff(true));
    if (kind.endsWith("-replace")) response.addReplaces(path);
  }
  response.setDiffsList([...new Set(entries.map(([path]) => /^[^.[]+/.exec(path)?.[0] ?? path))]);
  return response.setDeletebeforereplace(result.deleteBeforeReplace ?? false);
}

function configRequest(
  request: messages.CheckRequest | messages.DiffRequest,
  olds = request.getOlds(),
): ConfigRequest {
  return { ...resourceOf(request), olds: fromStruct(olds), news: fromStruct(request.getNews()) };
}

type Handler = (instance: Instance, request: never) => unknown;

/** By the method's name in the generated service. Methods not here answer UNIMPLEMENTED, which engines accept. */
export const handlers: Record<string, Handler> = {
  attach({ log }, request: PluginAttach) {
    log.connect(request.getAddress());
    return new emptyPb.Empty();
  },

  getPluginInfo({ provider }) {
    return new pluginPb.PluginInfo().setVersion(provider.version);
  },

  cancel({ cancellation }) {
    cancellation.abort();
    return new emptyPb.Empty();
  },

  async checkConfig({ provider, context }, request: messages.CheckRequest) {
    const config = configRequest(request);
    const result = await provider.checkConfig?.(config, context(config.urn));
    return checkResponse(result ?? { inputs: config.news });
  },

  async diffConfig({ provider, context }, request: messages.DiffRequest) {
    const config = configRequest(request, request.getOldInputs() ?? request.getOlds());
    const result = await provider.diffConfig?.(config, context(config.urn));
    return diffResponse(result ?? { detailed: {} });
  },

  async configure({ provider, context }, request: messages.ConfigureRequest) {
    await provider.configure?.(fromStruct(request.getArgs()), context(request.getUrn() ?? ""));
    const notice = provider.notice === undefined ? "" : `: ${provider.notice}`;
    context("").log("info", `${provider.name}: stand-in for the official provider plugin${notice}`);
    // Secrets come bare and leave marked by the engine: nothing in a provider needs to carry the mark around.
    return new pb.ConfigureResponse()
      .setAcceptsecrets(false)
      .setSupportspreview(true)
      .setSupportsAutonamingConfiguration(true);
  },

  async check({ provider, context }, request: messages.CheckRequest) {
    const resource = resourceOf(request);
    const autonaming = request.getAutonaming();
    const result = await provider.check(
      {
        ...resource,
        olds: fromStruct(request.getOlds()),
        news: fromStruct(request.getNews()),
        randomSeed: request.getRandomseed_asU8(),
        ...(autonaming && {
          autonaming: {
            proposedName: autonaming.getProposedName(),
            mode: AUTONAMING_MODES[autonaming.getMode()] ?? "propose",
          },
        }),
      },
      context(resource.urn),
    );
    return checkResponse(result);
  },

  async diff({ provider, context }, request: messages.DiffRequest) {
    const diff = diffRequest(request);
    return diffResponse(await provider.diff(diff, context(diff.urn)));
  },

  async create({ provider, context }, request: messages.CreateRequest) {
    const resource = resourceOf(request);
    const create = {
      ...resource,
      news: fromStruct(request.getProperties()),
      timeout: request.getTimeout(),
      preview: request.getPreview(),
    };
    const { id, outputs } = await provider.create(create, context(resource.urn));
    return new pb.CreateResponse().setId(id).setProperties(toStruct(outputs));
  },

  async read({ provider, context }, request: messages.ReadRequest) {
    const resource = resourceOf(request);
    const read = {
      ...resource,
      id: request.getId(),
      inputs: fromStruct(request.getInputs()),
      outputs: fromStruct(request.getProperties()),
    };
    const { id, inputs, outputs } = await provider.read(read, context(resource.urn));
    const response = new pb.ReadResponse().setId(id);
    return id === "" ? response : response.setInputs(toStruct(inputs)).setProperties(toStruct(outputs));
  },

  async update({ provider, context }, request: messages.UpdateRequest) {
    const diff = diffRequest(request);
    const update = { ...diff, timeout: request.getTimeout(), preview: request.getPreview() };
    const outputs = await provider.update(update, context(diff.urn));
    return new pb.UpdateResponse().setProperties(toStruct(outputs));
  },

  async delete({ provider, context }, request: messages.DeleteRequest) {
    const resource = resourceOf(request);
    const outputs = fromStruct(request.getProperties());
    const timeout = request.getTimeout();
    await provider.delete({ ...resource, id: request.getId(), outputs, timeout }, context(resource.urn));
    return new emptyPb.Empty();
  },

  async invoke({ provider, context }, request: messages.InvokeRequest) {
    const token = request.getTok();
    if (provider.invoke === undefined) {
      throw new ProviderError(`the stand-in for ${provider.name} has no function ${token}`);
    }
    const result = await provider.invoke(token, fromStruct(request.getArgs()), context(""));
    return new pb.InvokeResponse().setReturn(toStruct(result));
  },
};

function diffRequest(request: messages.DiffRequest | messages.UpdateRequest) {
  return {
    ...resourceOf(request),
    id: request.getId(),
    oldInputs: fromStruct(request.getOldInputs() ?? request.getOlds()),
    oldOutputs: fromStruct(request.getOlds()),
    news: fromStruct(request.getNews()),
    ignoreChanges: request.getIgnorechangesList(),
  };
}

/** Turns anything thrown into what the engine understands: see the error classes for what it does with each. */
export function toServiceError(error: unknown): Partial<grpc.ServiceError> {
  const message = messageOf(error);
  if (error instanceof InitFailedError) {
    const detail = new pb.ErrorResourceInitFailed()
      .setId(error.id)
      .setProperties(toStruct(error.outputs))
      .setReasonsList([...error.reasons]);
    const any = new errorAny.Any();
    any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new statusPb.Status().setCode(grpc.status.UNKNOWN).setMessage(message);
    status.addDetails(any);
    const metadata = new grpc.Metadata();
    // Go's gRPC reads structured errors from this header; Node's has no API for it.
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
    return { code: grpc.status.UNKNOWN, details: message, metadata };
  }
  if (error instanceof ProviderError) return { code: grpc.status.FAILED_PRECONDITION, details: message };
  // Neither refused nor half done: a mistake in the stand-in, so the stack is what helps.
  const stack = error instanceof Error ? error.stack : undefined;
  return { code: grpc.status.INTERNAL, details: `stand-in failed: ${stack ?? message}` };
}
