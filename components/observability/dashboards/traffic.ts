import type { StackConfig } from "../../../config/index.ts";
import { refusalService, serviceLabel } from "../../ingress/routes.ts";
import { series } from "../metrics/index.ts";
import type { Dashboard, Section } from "./dashboard.ts";
import { graph, stat, unit } from "./panels.ts";
import { hitRatio, named, ofRoute, ofRoutes, quantile, requests, shown, window } from "./series.ts";

/** What clients ask for, by route, as Traefik sees it. */
export function traffic(config: StackConfig): Dashboard | undefined {
  if (!config.ingress.enabled) return undefined;
  return {
    name: "traffic",
    title: "Attic traffic",
    description: "What clients ask for and what they get, for each route.",
    sections: [pulls(config), answers(config), durations(config), pushes(config), refusals(config)],
  };
}

function pulls(config: StackConfig): Section {
  const sent = series("traefik_router_responses_bytes_total", ofRoute(config, "nar"));
  return {
    title: "Pulls",
    panels: [
      stat({
        title: "Hit ratio",
        description:
          "Narinfos that were found, of those that were asked for, over all the time shown. A miss is no error: the " +
          "client asks another cache, or builds.",
        unit: unit.share,
        height: 8,
        expr: hitRatio(config, shown),
        nothing: "nobody asked",
      }),
      graph({
        title: "Hit ratio over time",
        description:
          "It falls when pipelines build what nobody has pushed yet, as after a change far down the dependencies, and " +
          "when the garbage collector removes what is still used.",
        unit: unit.share,
        width: 10,
        max: 1,
        lines: { "hit ratio": hitRatio(config, window) },
      }),
      graph({
        title: "NARs sent",
        description:
          "Bytes a second of NARs that went through Traefik. For NARs of a single chunk the server sends clients to " +
          "the object store (`server.chunking.narSizeThreshold`): those answers are 307, and their bytes are not here.",
        unit: unit.bytesPerSecond,
        width: 10,
        lines: { sent: `sum(rate(${sent}[${window}]))` },
      }),
    ],
  };
}

function answers(config: StackConfig): Section {
  const all = ofRoutes(config);
  return {
    title: "Requests and answers",
    panels: [
      graph({
        title: "Requests by route",
        description: "Requests a second, whatever became of them.",
        unit: unit.requests,
        stacked: true,
        lines: { "{{route}}": named(config, `sum by (service) (${requests(all)})`) },
      }),
      graph({
        title: "Answers by status",
        description:
          "Answers a second. 404 is a miss, 307 sends the client to the object store, 499 is a client that went away, " +
          "503 means that no pod is ready.",
        unit: unit.requests,
        stacked: true,
        lines: { "{{code}}": `sum by (code) (${requests(all)})` },
      }),
      graph({
        title: "Server errors by route",
        description:
          "Answers of 500 and above, as a share of the route's requests. What stays above zero uses up the error " +
          "budget; only the route `other` counts against no objective.",
        unit: unit.share,
        width: 24,
        lines: {
          "{{route}}": named(
            config,
            `sum by (service) (${requests({ ...all, code: /5../ })}) / sum by (service) (${requests(all)})`,
          ),
        },
      }),
    ],
  };
}

function durations(config: StackConfig): Section {
  const of = (title: string, route: "narinfo" | "nar" | "upload", description: string) =>
    graph({
      title,
      description: `${description} More than 30 s is shown as 30 s, the histogram's last bound.`,
      unit: unit.seconds,
      width: 8,
      lines: Object.fromEntries(
        [0.5, 0.9, 0.99].map((q) => [`p${q * 100}`, quantile(q, ofRoute(config, route))]),
      ),
    });
  return {
    title: "How long it takes",
    panels: [
      of("Narinfos", "narinfo", "Until a client knows whether a path is there: a question to the database."),
      of("NARs", "nar", "Until the last byte: a matter of the NAR's size and the client's line."),
      of("Uploads", "upload", "Until the NAR is stored: a matter of its size and the client's line, too."),
    ],
  };
}

function pushes(config: StackConfig): Section {
  const upload = ofRoute(config, "upload");
  const received = series("traefik_router_requests_bytes_total", upload);
  return {
    title: "Pushes",
    panels: [
      graph({
        title: "Uploads by status",
        description:
          "Uploads that ended, a second. 401 and 403 point at a token. 499, 500 and 502 are also what is reported for a " +
          "client that went away, as cancelled jobs do; many after about a minute point at a proxy's time limit.",
        unit: unit.requests,
        stacked: true,
        lines: { "{{code}}": `sum by (code) (${requests(upload)})` },
      }),
      graph({
        title: "NARs received",
        description:
          "Bytes a second of uploads. An upload counts when it has ended, so a large one is a peak at its end.",
        unit: unit.bytesPerSecond,
        lines: { received: `sum(rate(${received}[${window}]))` },
      }),
    ],
  };
}

function refusals(config: StackConfig): Section {
  const all = ofRoutes(config);
  const revoked = { service: serviceLabel(config.namespace, refusalService) };
  return {
    title: "Refusals",
    panels: [
      graph({
        title: "No permission",
        description:
          "Answers of 401 and 403 a second. A steady level is normal where clients ask private caches without a token; " +
          "a step upwards is a token that has ended.",
        unit: unit.requests,
        width: 8,
        stacked: true,
        lines: {
          "{{route}} {{code}}": named(
            config,
            `sum by (service, code) (${requests({ ...all, code: /401|403/ })})`,
          ),
        },
      }),
      graph({
        title: "Too many requests",
        description:
          "Answers of 429 a second: clients at a limit of the ingress. Where it is all of them at once, they probably " +
          "share one address.",
        unit: unit.requests,
        width: 8,
        stacked: true,
        lines: { "{{route}}": named(config, `sum by (service) (${requests({ ...all, code: "429" })})`) },
      }),
      graph({
        title: "Revoked tokens",
        description:
          "Requests a second that were refused before any route because their token is revoked. They count against no " +
          "objective.",
        unit: unit.requests,
        width: 8,
        lines: { refused: `sum(${requests(revoked)})` },
      }),
    ],
  };
}
