/**
 * Simulates the official AWS provider for machines without AWS: ids and ARNs are computed, nothing exists anywhere
 * but in the stack's state.
 */
import { diffValues, replaceOn } from "../diff-values.ts";
import { ProviderError } from "../errors.ts";
import type { Props, Provider } from "../provider.ts";
import { versionOf } from "../stand-ins.ts";
import { isObject, UNKNOWN } from "../struct.ts";
import { call } from "./functions.ts";
import { autoname, identify, type Place, replacementKeys } from "./resources.ts";

const DEFAULT_REGION = "us-east-1";
/** No account has this number, so no ARN made here can point at anything. */
const ACCOUNT = "000000000000";

/** Makes a simulated AWS provider. */
export function awsProvider(env: NodeJS.ProcessEnv): Provider {
  let place: Place = { region: DEFAULT_REGION, account: ACCOUNT, partition: "aws" };
  let defaultTags: Props = {};

  const outputsOf = (request: { type: string; urn: string; name: string }, inputs: Props, id?: string) => {
    const identity = identify(request, inputs, place, id);
    const tags = isObject(inputs.tags) ? inputs.tags : {};
    const tagsAll = { ...defaultTags, ...tags };
    return { id: identity.id, outputs: { ...identity.outputs, ...inputs, id: identity.id, tagsAll } };
  };

  return {
    name: "aws",
    version: versionOf("aws"),
    notice: "nothing is created in any cloud, and ids and ARNs are made up",

    async configure(config) {
      const region = config.region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
      const name =
        typeof region === "string" && region !== "" && region !== UNKNOWN ? region : DEFAULT_REGION;
      place = { region: name, account: ACCOUNT, partition: name.startsWith("cn-") ? "aws-cn" : "aws" };
      defaultTags = tagsOf(config.defaultTags);
    },

    async check({ type, name, olds, news, randomSeed }) {
      const inputs: Props = { ...news };
      // Policies may be written as objects; AWS keeps text.
      for (const key of ["assumeRolePolicy", "policy"]) {
        if (isObject(inputs[key])) inputs[key] = JSON.stringify(inputs[key]);
      }
      return { inputs: autoname(type, name, olds, inputs, randomSeed) };
    },

    async diff({ type, oldInputs, news }) {
      return { detailed: replaceOn(diffValues(oldInputs, news), replacementKeys(type)) };
    },

    async create(request) {
      if (request.preview) return { id: "", outputs: request.news };
      return outputsOf(request, request.news);
    },

    async read({ id, inputs, outputs, type }) {
      if (Object.keys(outputs).length === 0) {
        throw new ProviderError(`${type} ${id}: the stand-in for aws has no cloud to read it from`);
      }
      return { id, inputs, outputs };
    },

    async update(request) {
      if (request.preview) return request.news;
      return outputsOf(request, request.news, request.id).outputs;
    },

    async delete() {},

    invoke: async (token, args) => call(token, args, place),
  };
}

function tagsOf(defaultTags: unknown): Props {
  const parsed: unknown = typeof defaultTags === "string" ? JSON.parse(defaultTags || "{}") : defaultTags;
  const tags = isObject(parsed) ? parsed.tags : undefined;
  return isObject(tags) ? tags : {};
}
