import type { Manifest } from "../../components/kubernetes/manifest.ts";
import { between, others, ours } from "../../judges/network-policies/actors.ts";
import type { Endpoint } from "../../judges/network-policies/evaluate.ts";
import { shortType } from "../../render/paths.ts";
import type { MadePart } from "./parts.ts";

/** An arrow of the picture. */
export interface Edge {
  from: string;
  to: string;
  /** `connects`: opens connections, on the ports that the words name. `gives`: is read, or handed over. */
  kind: "connects" | "gives";
  words: string;
}

const actors: Record<string, Endpoint> = { ...ours, ...others };

/**
 * Who connects to whom: what the recorded network policies let through. Of the object store, a bucket is connected to
 * by those whose role may use it, for an address alone tells none from another.
 */
export function connections(all: readonly MadePart[]): Edge[] {
  const policies = all
    .flatMap(({ made }) => made)
    .filter(({ type }) => shortType(type) === "NetworkPolicy")
    .map(({ inputs }) => inputs as unknown as Manifest);
  const ends = all.filter((part) => part.actor !== undefined);
  return ends.flatMap((from) =>
    ends.flatMap((to): Edge[] => {
      if (from === to || from.area === "cloud" || to.area === "outside") return [];
      if (to.area === "cloud" && !mayUse(from, to)) return [];
      const open = between(
        policies,
        actors[from.actor ?? ""] as Endpoint,
        actors[to.actor ?? ""] as Endpoint,
      );
      if (open === "–") return [];
      // In a range that covers every address, the ports are not the bucket's own.
      const words = to.area === "cloud" ? "443" : open;
      return [{ from: from.id, to: to.id, kind: "connects", words }];
    }),
  );
}

interface Workload {
  metadata: { name: string };
}

/** Whether a part's pods take the role that a bucket's part has. */
function mayUse(from: MadePart, bucket: MadePart): boolean {
  const roles = bucket.made.filter(({ type }) => shortType(type) === "Role");
  const trusted = roles.map(({ inputs }) => JSON.stringify(inputs.assumeRolePolicy)).join();
  return from.made.some(({ inputs }) => {
    const name = (inputs as Partial<Workload>).metadata?.name;
    return name !== undefined && new RegExp(`:${name}[\\\\"]`).test(trusted);
  });
}

/** What is handed from one part to another, and in which words. */
const gifts: readonly Omit<Edge, "kind">[] = [
  { from: "signingKey", to: "settings", words: "public half" },
  { from: "signingKey", to: "tokens", words: "signs" },
  { from: "settings", to: "api", words: "reads" },
];

/**
 * What one part hands to another: the other waits for it, or names it.
 * @throws {Error} when it does neither
 */
export function handedOver(all: readonly MadePart[]): Edge[] {
  return gifts.map((gift) => {
    const made = (id: string) => all.find((part) => part.id === id)?.made ?? [];
    const given = made(gift.from);
    const taken = made(gift.to).some(
      ({ dependsOn, inputs }) =>
        given.some(({ urn }) => dependsOn.includes(urn)) ||
        given.some(({ name }) => JSON.stringify(inputs).includes(`"${name}"`)),
    );
    if (!taken) throw new Error(`nothing of ${gift.to} waits for or names anything of ${gift.from}`);
    return { ...gift, kind: "gives" };
  });
}

/** What goes on outside, where no recording sees it. */
export const outside: readonly Edge[] = [
  { from: "clients", to: "traefik", kind: "connects", words: "HTTPS" },
  { from: "prometheus", to: "traefik", kind: "connects", words: "metrics" },
  { from: "traefik", to: "ingress", kind: "gives", words: "reads" },
  { from: "prometheus", to: "rules", kind: "gives", words: "reads" },
  { from: "tokens", to: "clients", kind: "gives", words: "CI variables" },
];
