import { type Rule, unless } from "./rule.ts";

/** Levels that each algorithm has. */
const levels: Record<string, [number, number]> = { none: [0, 0], zstd: [1, 22], brotli: [0, 11], xz: [0, 9] };

/** Rules over what the server reads, and where it is found. */
export const server: Rule[] = [
  {
    needs: ["server.chunking"],
    at: "server.chunking",
    says: "has `minSize` ≤ `avgSize` ≤ `maxSize`",
    check: ({ server: { chunking } }) =>
      unless(
        chunking.minSize <= chunking.avgSize && chunking.avgSize <= chunking.maxSize,
        `needs minSize ≤ avgSize ≤ maxSize; they are ${chunking.minSize}, ${chunking.avgSize} and ${chunking.maxSize}`,
      ),
  },
  {
    needs: ["server.compression"],
    at: "server.compression.level",
    says: "is one that the algorithm has: zstd 1 to 22, brotli 0 to 11, xz 0 to 9, none without",
    check: ({ server: { compression } }) => {
      const [least, most] = levels[compression.type] as [number, number];
      const level = compression.level;
      return unless(
        level === undefined || (compression.type !== "none" && level >= least && level <= most),
        compression.type === "none"
          ? "must be left out with type none"
          : `must be ${least} to ${most} for ${compression.type}`,
      );
    },
  },
  {
    needs: ["hostname", "server.allowedHosts"],
    at: "server.allowedHosts",
    says: "contains `hostname`",
    check: ({ hostname, server }) =>
      unless(
        server.allowedHosts?.includes(hostname) ?? true,
        `must contain attic:hostname, ${hostname}, or the server answers every client with 400`,
      ),
  },
  {
    needs: ["hostname", "server.apiEndpoint", "server.allowedHosts"],
    at: "server.apiEndpoint",
    says: "names a host of `server.allowedHosts`",
    check: ({ hostname, server }) => {
      const hosts = server.allowedHosts ?? [hostname];
      return unless(
        server.apiEndpoint === undefined || hosts.includes(new URL(server.apiEndpoint).host),
        `must name a host of server.allowedHosts (${hosts.join(", ")}), or the server refuses what it advertises`,
      );
    },
  },
  {
    needs: ["ingress.trustedProxyDepth", "ingress.trustedProxies"],
    at: "ingress.trustedProxies",
    says: "is not empty with `ingress.trustedProxyDepth` above 0",
    check: ({ ingress }) =>
      unless(
        ingress.trustedProxyDepth === 0 || ingress.trustedProxies.length > 0,
        "needs the proxies' address ranges with trustedProxyDepth above 0, or anybody could claim any address",
      ),
  },
  {
    needs: ["ingress", "operators.traefik"],
    at: "ingress",
    says: "keeps the entry points `websecure` and `web` with `operators.traefik.install`",
    check: ({ ingress, operators }) =>
      unless(
        !operators.traefik.install ||
          (ingress.secureEntryPoint === "websecure" && ingress.plainEntryPoint === "web"),
        "must keep the entry points websecure and web with operators.traefik.install: its chart has no others",
      ),
  },
  {
    needs: ["operators.traefik"],
    at: "operators.traefik.serviceAnnotations",
    says: "goes with `operators.traefik.install` alone",
    check: ({ operators: { traefik } }) =>
      unless(
        traefik.install || Object.keys(traefik.serviceAnnotations).length === 0,
        "goes with install: true; the Service of the cluster's own Traefik is annotated where that is installed",
      ),
  },
];
