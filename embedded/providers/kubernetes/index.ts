/** Stand-in for the official Kubernetes provider, in server-side-apply mode. */

import { diffValues, replaceOn } from "../diff-values.ts";
import { ProviderError } from "../errors.ts";
import type { CheckResult, ConfigRequest, DiffResult, Provider } from "../provider.ts";
import { versionOf } from "../stand-ins.ts";
import { check } from "./check.ts";
import { ClusterSource } from "./cluster.ts";
import { parseSettings, type Settings } from "./config.ts";
import { create } from "./create.ts";
import { remove } from "./delete.ts";
import { diff } from "./diff.ts";
import { activeServer } from "./kubeconfig.ts";
import { idOf } from "./object.ts";
import { read } from "./read.ts";
import { update } from "./update.ts";

/** Makes a Kubernetes provider. It looks for its cluster when an operation first needs one. */
export function kubernetesProvider(env: NodeJS.ProcessEnv): Provider {
  let settings: Settings = parseSettings({}, env);
  let source = new ClusterSource(settings, env);
  /** The objects this run knows to be the resource's own: a replacement may find its predecessor still there. */
  const own = new Map<string, string>();

  return {
    name: "kubernetes",
    version: versionOf("kubernetes"),

    async checkConfig({ news }: ConfigRequest): Promise<CheckResult> {
      const disabled = String(news.enableServerSideApply).toLowerCase() === "false";
      const reason = "the stand-in always applies server-side: leave this out, or use the official provider";
      return { inputs: news, failures: disabled ? [{ property: "enableServerSideApply", reason }] : [] };
    },

    async diffConfig({ olds, news }: ConfigRequest): Promise<DiffResult> {
      const detailed = diffValues(olds, news);
      delete detailed.version;
      // Another cluster means that all objects are to be made anew; a rotated credential does not.
      const identified = news.clusterIdentifier !== undefined || olds.clusterIdentifier !== undefined;
      if (identified) return { detailed: replaceOn(detailed, ["clusterIdentifier"]) };
      const [before, after] = [olds, news].map((config) => activeServer(parseSettings(config, {}), env));
      const moved = before !== undefined && after !== undefined && before !== after;
      return { detailed: moved ? replaceOn(detailed, ["kubeconfig", "context", "cluster"]) : detailed };
    },

    async configure(config) {
      settings = parseSettings(config, env);
      source = new ClusterSource(settings, env);
      if (config.renderYamlToDirectory) {
        throw new ProviderError("the stand-in for the kubernetes provider does not do renderYamlToDirectory");
      }
    },

    async check(request, context) {
      const result = await check(request, source, context);
      if (Object.keys(request.olds).length > 0) own.set(request.urn, idOf(request.olds));
      return result;
    },

    diff: (request, context) => diff(request, source, settings, context),
    create: (request, context) => create(request, source, settings, context, own.get(request.urn)),
    read: (request, context) => read(request, source, context),
    update: (request, context) => update(request, source, settings, context),
    delete: (request, context) => remove(request, source, settings, context),
  };
}
