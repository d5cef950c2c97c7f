import type { StackConfig } from "../../../config/index.ts";
import { names } from "../../attic/names.ts";
import { ofCertificate } from "../alerts/certificate.ts";
import { ofDatabase, seconds } from "../alerts/scope.ts";
import { series } from "../metrics/index.ts";
import { decimal } from "../slo/decimal.ts";
import { budget, objective } from "../slo/objectives.ts";
import { budgetRemaining, errorRatio } from "../slo/recordings.ts";
import { firing, firingTable } from "./alerts.ts";
import type { Dashboard, Section } from "./dashboard.ts";
import { objectiveSection } from "./objectives.ts";
import { graph, stat, unit } from "./panels.ts";
import { named, ofRoute, ofRoutes, quantile, requests } from "./series.ts";

/** The first one to look at: is the cache well, and if not, where. */
export function overview(config: StackConfig): Dashboard {
  const { ingress, observability } = config;
  const ruled = observability.rules.enabled;
  return {
    name: "overview",
    title: "Attic overview",
    description: "Whether the cache is well, and if not, where to look.",
    sections: [
      now(config),
      ...(ruled && ingress.enabled ? [objectiveSection(config)] : []),
      ...(ingress.enabled ? [requestSection(config)] : []),
      workloads(config),
      ...(ruled ? [{ title: "Alerts", panels: [firingTable(config)] }] : []),
    ],
  };
}

function now(config: StackConfig): Section {
  const { namespace, api, ingress, observability } = config;
  const ruled = observability.rules.enabled;
  const available = series("kube_deployment_status_replicas_available", { namespace, deployment: names.api });
  const count = (severity: "critical" | "warning") => `count(${firing(config, severity)}) or vector(0)`;
  const availability = objective("availability");
  const allowed = Number(decimal(budget(availability)));
  return {
    title: "Now",
    panels: [
      ...(ruled
        ? [
            stat({
              title: "Critical alerts",
              description:
                "Alerts that wake somebody. The table at the end names them and leads to their runbooks.",
              unit: unit.count,
              expr: count("critical"),
              steps: ["green", [1, "red"]],
            }),
            stat({
              title: "Warnings",
              description: "Alerts that can wait for working hours.",
              unit: unit.count,
              expr: count("warning"),
              steps: ["green", [1, "orange"]],
            }),
          ]
        : []),
      ...(ruled && ingress.enabled
        ? [
            stat({
              title: "Error budget left",
              description:
                "Of the requests that may fail within 30 days, the share that is left. Below zero the objective is missed.",
              unit: unit.share,
              expr: budgetRemaining(namespace, availability),
              nothing: "nobody asked",
              decimals: 1,
              steps: ["red", [0.1, "orange"], [0.25, "green"]],
            }),
            stat({
              title: "Requests that fail",
              description:
                "The share of requests that got a server error within the last five minutes. Red is more than is allowed.",
              unit: unit.share,
              expr: errorRatio(namespace, availability, "5m"),
              nothing: "nobody asked",
              decimals: 3,
              steps: ["green", [allowed / 2, "orange"], [allowed, "red"]],
            }),
          ]
        : []),
      stat({
        title: "API pods ready",
        description: `Pods of the API that are ready; there are ${api.scaling.minReplicas} at least when all is well.`,
        unit: unit.count,
        expr: `max(${available})`,
        steps: ["red", [1, "orange"], [api.scaling.minReplicas, "green"]],
      }),
      ...(ingress.enabled
        ? [
            stat({
              title: "Certificate ends in",
              description:
                "How long the cache's certificate is still valid. cert-manager renews it long before.",
              unit: unit.seconds,
              expr: `max(${ofCertificate(config, "certmanager_certificate_expiration_timestamp_seconds")} > 0) - time()`,
              nothing: "there is none",
              steps: ["red", [7 * seconds.day, "green"]],
            }),
          ]
        : []),
    ],
  };
}

function requestSection(config: StackConfig): Section {
  const all = ofRoutes(config);
  const failed = requests({ ...all, code: /5../ });
  return {
    title: "Requests",
    panels: [
      graph({
        title: "Requests by route",
        description: "Requests a second, whatever became of them.",
        unit: unit.requests,
        width: 8,
        stacked: true,
        lines: { "{{route}}": named(config, `sum by (service) (${requests(all)})`) },
      }),
      graph({
        title: "Server errors by status",
        description:
          "Answers of 500 and above, a second. 503 means that no pod is ready, 502 that one ended, 500 that the server " +
          "or its database failed. The dashboard on traffic has them by route.",
        unit: unit.requests,
        width: 8,
        stacked: true,
        lines: { "{{code}}": `sum by (code) (${failed})` },
      }),
      graph({
        title: "99th percentiles",
        description:
          "How long the slowest of a hundred requests takes; what is promised is among the objectives. NARs have no " +
          "promise, as they depend on their size and the client's line.",
        unit: unit.seconds,
        width: 8,
        lines: {
          hits: quantile(0.99, { ...ofRoute(config, "narinfo"), code: /2../ }),
          misses: quantile(0.99, { ...ofRoute(config, "narinfo"), code: "404" }),
          "cache infos": quantile(0.99, { ...ofRoute(config, "cacheInfo"), code: /2../ }),
          uploads: quantile(0.99, { ...ofRoute(config, "upload"), code: /2../ }),
        },
      }),
    ],
  };
}

function workloads(config: StackConfig): Section {
  const { namespace, database, garbageCollection } = config;
  const available = (deployment: string) =>
    `max(${series("kube_deployment_status_replicas_available", { namespace, deployment })})`;
  const job = { namespace, cronjob: names.collector };
  const ran = `max(${series("kube_cronjob_status_last_successful_time", job)})`;
  const periodic = garbageCollection.runAs === "cronJob";
  return {
    title: "Workloads",
    panels: [
      graph({
        title: "Pods ready",
        description: "Pods of each workload that are ready.",
        unit: unit.count,
        width: periodic ? 16 : 24,
        lines: {
          API: available(names.api),
          ...(!periodic && { "garbage collector": available(names.collector) }),
          ...(database.provider === "cloudNativePg" && {
            database: `sum(${series("kube_pod_status_ready", { ...ofDatabase(config), condition: "true" })})`,
          }),
        },
      }),
      ...(periodic
        ? [
            stat({
              title: "Garbage collected",
              description: `How long ago garbage was collected last. The schedule is \`${garbageCollection.schedule}\` (UTC).`,
              unit: unit.seconds,
              width: 8,
              height: 8,
              expr: `time() - ${ran}`,
              nothing: "not yet",
            }),
          ]
        : []),
    ],
  };
}
