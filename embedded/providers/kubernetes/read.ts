/** Read: the live object, for refresh and import. */
import { isDeepStrictEqual } from "node:util";
import type { Context, Props, ReadRequest, ReadResult } from "../provider.ts";
import { isObject, Secret } from "../struct.ts";
import type { ClusterSource } from "./cluster.ts";
import { NoSuchKindError } from "./discovery.ts";
import { explain } from "./explain.ts";
import { apiVersionOf, assertSupported, gvkOf } from "./gvk.ts";
import { type KubeObject, metadataOf, parseId } from "./object.ts";
import { fieldManagerOf, isSecret, outputsOf } from "./outputs.ts";
import { sameQuantity } from "./quantity.ts";

/** Reads an object. One that is gone has an empty id in the answer. */
export async function read(
  request: ReadRequest,
  source: ClusterSource,
  context: Context,
): Promise<ReadResult> {
  const { id, inputs, outputs, type } = request;
  assertSupported(type);
  const gone = { id: "", inputs: {}, outputs: {} };
  const imported = Object.keys(inputs).length === 0;
  if (imported && !source.isConfigured) {
    // A preview without a cluster: what the program looks up is taken to be there.
    source.tellAbsence(context);
    return { id, inputs: {}, outputs: { metadata: { name: parseId(id).name } } };
  }
  const cluster = await source.reach(context.signal);
  const gvk = gvkOf(imported ? outputs : inputs, type);
  let live: KubeObject | undefined;
  try {
    const served = await cluster.served(gvk, { signal: context.signal, patience: 0 });
    const { namespace, name } = parseId(id);
    live = await cluster.getPath(served.path(namespace ?? cluster.namespace, name), {
      signal: context.signal,
    });
  } catch (error) {
    // Without its definition an object can't exist.
    if (error instanceof NoSuchKindError) return gone;
    throw explain(error, { apiVersion: apiVersionOf(gvk), kind: gvk.kind, metadata: { name: id } });
  }
  if (live === undefined) return gone;
  const current = imported ? importedInputs(live) : (overlay(inputs, withStringData(live, inputs)) as Props);
  const state = outputsOf(live, current, fieldManagerOf(current, outputs));
  return { id, inputs: isSecret(live) ? hidden(current) : current, outputs: state };
}

/** The inputs a program would have written to get `live`. */
export function importedInputs(live: KubeObject): Props {
  const { status: _, ...inputs } = live;
  const { name, namespace, labels, annotations = {} } = metadataOf(live);
  const { "kubectl.kubernetes.io/last-applied-configuration": _applied, ...kept } = annotations;
  const written = Object.keys(kept).length > 0 ? kept : undefined;
  const metadata = Object.entries({ name, namespace, labels, annotations: written });
  return { ...inputs, metadata: Object.fromEntries(metadata.filter(([, value]) => value !== undefined)) };
}

/**
 * The inputs, with the live values in their places: drift then shows as a difference to the program. What the
 * program never set is not its drift.
 */
export function overlay(input: unknown, live: unknown): unknown {
  if (isObject(input) && isObject(live)) {
    return Object.fromEntries(
      Object.entries(input)
        .filter(([key, value]) => live[key] !== undefined || isEmpty(value))
        .map(([key, value]) => [key, overlay(value, live[key] ?? value)]),
    );
  }
  if (Array.isArray(input) && Array.isArray(live)) return overlayList(input, live);
  return sameQuantity(input, live) ? input : live;
}

// The API server leaves out what is empty.
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.values(value).every(isEmpty);
  return value === null || value === "" || value === false || value === 0;
}

const MERGE_KEYS = ["name", "containerPort", "port", "mountPath", "key", "ip", "topologyKey", "type"];

function overlayList(input: unknown[], live: unknown[]): unknown[] {
  const key = MERGE_KEYS.find((candidate) => isKeyed(input, candidate) && isKeyed(live, candidate));
  if (key !== undefined) {
    const byKey = new Map(live.map((item) => [(item as Props)[key], item]));
    // Items that only the server has (a sidecar injected) belong to someone else.
    return input
      .filter((item) => byKey.has((item as Props)[key]))
      .map((item) => overlay(item, byKey.get((item as Props)[key])));
  }
  return input.length === live.length ? input.map((item, index) => overlay(item, live[index])) : live;
}

function isKeyed(list: unknown[], key: string): boolean {
  const keys = list.map((item) => (isObject(item) ? item[key] : undefined));
  return keys.length > 0 && !keys.includes(undefined) && new Set(keys).size === keys.length;
}

/** Shows a Secret's data as text where the program wrote text. */
function withStringData(live: KubeObject, inputs: Props): Props {
  const { stringData } = inputs;
  const data = live.data;
  if (!isSecret(live) || !isObject(stringData) || !isObject(data)) return live;
  const texts = Object.keys(stringData).flatMap((key) => {
    const value = data[key];
    return typeof value === "string" ? [[key, Buffer.from(value, "base64").toString("utf8")]] : [];
  });
  return { ...live, stringData: Object.fromEntries(texts) };
}

function hidden(inputs: Props): Props {
  const marked = { ...inputs };
  for (const key of ["data", "stringData"]) {
    if (inputs[key] !== undefined && !isDeepStrictEqual(inputs[key], {}))
      marked[key] = new Secret(inputs[key]);
  }
  return marked;
}
