/** Check: inputs made complete, and mistakes that need no server to be seen. */

import { messageOf } from "../errors.ts";
import type { CheckFailure, CheckRequest, CheckResult, Context, Props } from "../provider.ts";
import { isObject, Secret, UNKNOWN } from "../struct.ts";
import { parseWaitFor, WAIT_FOR } from "./await/wait-for.ts";
import type { ClusterSource } from "./cluster.ts";
import { NoSuchKindError } from "./discovery.ts";
import { apiVersionOf, gvkOf, gvkOfToken, unsupported } from "./gvk.ts";
import { AUTONAMED, autoname } from "./naming.ts";
import { annotation, type Gvk, type Metadata } from "./object.ts";
import { isNamespaced } from "./scope.ts";

// Set by the server; a manifest copied from `kubectl get -o yaml` has them, and applying them is refused.
const SERVER_METADATA = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
];

const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
// Names with colons and capitals are ordinary in these.
const FREE_NAMES = new Set(["rbac.authorization.k8s.io"]);

/** Checks one object's inputs. */
export async function check(
  request: CheckRequest,
  source: ClusterSource,
  context: Context,
): Promise<CheckResult> {
  const reason = unsupported(request.type);
  // Helm releases pass in previews, so that a plan can be read on a machine that could not carry it out.
  if (reason !== undefined) {
    if (gvkOfToken(request.type).group === "helm.sh") {
      context.log("warning", `${reason}. The preview shows its inputs only.`);
      return { inputs: request.news };
    }
    return { inputs: request.news, failures: [{ property: "", reason }] };
  }

  const inputs: Props = { ...request.news };
  const failures: CheckFailure[] = [];
  const gvk = gvkOf(inputs, request.type);
  inputs.apiVersion ??= apiVersionOf(gvk);
  inputs.kind ??= gvk.kind;
  for (const property of ["apiVersion", "kind"]) {
    const value = inputs[property];
    if (typeof value !== "string" || value === "") {
      failures.push({ property, reason: `${property} must be a text, found ${JSON.stringify(value)}` });
    }
  }
  if (failures.length > 0) return { inputs, failures };

  if (inputs.metadata !== undefined && !isObject(inputs.metadata) && inputs.metadata !== UNKNOWN) {
    return { inputs, failures: [{ property: "metadata", reason: "metadata must be an object" }] };
  }
  if (inputs.metadata !== UNKNOWN) {
    const metadata: Metadata = { ...(inputs.metadata as Metadata | undefined) };
    for (const key of SERVER_METADATA) delete metadata[key];
    checkName(metadata, gvk, request, failures);
    await fillNamespace(metadata, gvk, source, context);
    checkWaitFor(metadata, failures);
    inputs.metadata = metadata;
  }
  return { inputs: gvk.kind === "Secret" && gvk.group === "" ? hideSecret(inputs) : inputs, failures };
}

function checkName(metadata: Metadata, gvk: Gvk, request: CheckRequest, failures: CheckFailure[]): void {
  if (metadata.generateName !== undefined && metadata.name === undefined) {
    failures.push({
      property: "metadata.generateName",
      reason:
        "server-side apply needs a name: leave generateName out for an automatic one, or set metadata.name",
    });
    return;
  }
  if (metadata.name === undefined || metadata.name === null || metadata.name === "") {
    const chosen = autoname(request);
    if (chosen === undefined) {
      failures.push({
        property: "metadata.name",
        reason: "automatic names are disabled for this stack: set metadata.name",
      });
      return;
    }
    metadata.name = chosen;
    const annotations = metadata.annotations;
    metadata.annotations = { ...(isObject(annotations) ? annotations : {}), [AUTONAMED]: "true" };
  }
  if (metadata.name === UNKNOWN || FREE_NAMES.has(gvk.group)) return;
  if (typeof metadata.name !== "string" || !NAME.test(metadata.name) || metadata.name.length > 253) {
    failures.push({
      property: "metadata.name",
      reason:
        `"${String(metadata.name)}" can't be the name of a ${gvk.kind}: use at most 253 lower case letters, ` +
        `digits, "-" and ".", with a letter or digit at both ends`,
    });
  }
}

/** A mistake there would otherwise show only when the object already exists. */
function checkWaitFor(metadata: Metadata, failures: CheckFailure[]): void {
  const value = annotation({ metadata }, WAIT_FOR);
  if (value === undefined || value === UNKNOWN) return;
  try {
    parseWaitFor(value);
  } catch (error) {
    failures.push({ property: `metadata.annotations["${WAIT_FOR}"]`, reason: messageOf(error) });
  }
}

async function fillNamespace(
  metadata: Metadata,
  gvk: Gvk,
  source: ClusterSource,
  context: Context,
): Promise<void> {
  const builtIn = isNamespaced(gvk);
  if (builtIn === false) {
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace) return;
  const cluster = await source.tryReach(context.signal);
  if (cluster === undefined) {
    if (builtIn) metadata.namespace = source.fallbackNamespace;
    return;
  }
  let namespaced: boolean | undefined = builtIn;
  try {
    namespaced ??= (await cluster.served(gvk, { patience: 0 })).namespaced;
  } catch (error) {
    // Its definition may be part of this same update: create asks again.
    if (!(error instanceof NoSuchKindError)) throw error;
  }
  if (namespaced) metadata.namespace = cluster.namespace;
}

/** A Secret's contents are secret even when the program forgot to say so. */
function hideSecret(inputs: Props): Props {
  const hide = (value: unknown) => (value === undefined ? undefined : new Secret(value));
  return { ...inputs, data: hide(inputs.data), stringData: hide(inputs.stringData) };
}
