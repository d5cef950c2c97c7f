import type { Probe } from "../probes.ts";
import { type Check, type Facts, failed, passed, type Verdict } from "./check.ts";

/** Why the ingress is not asked. */
function unprobed({ config, snapshot, probes }: Facts): string | undefined {
  if (probes) return undefined;
  if (!config.ingress.enabled) return "the stack makes no ingress";
  return snapshot.embedded
    ? "stack local: no container runs, so nothing listens at its URL"
    : "it was not asked";
}

/** Why one question was not put. */
const unput = (facts: Facts, probe: Probe | undefined, why: string) =>
  unprobed(facts) ?? (probe ? undefined : why);

/** What clients get, asked for as a client. */
export const ingressChecks: readonly Check[] = [
  {
    id: "ingress-serves",
    area: "ingress",
    title: "a client with a token of the stack is served",
    see: "docs/ingress.md#when-something-fails",
    only: "verify",
    skip: (facts) =>
      unput(facts, facts.probes?.reading, "the stack declares no cache that one of its tokens may pull from"),
    expected: ({ config, probes }) =>
      `200 with StoreDir: ${storeDir(config, probes?.reading?.cache)} for GET ${path(probes?.reading)}`,
    judge: ({ config, probes }) =>
      answered(probes?.reading, ({ status, storeDir: found, cache }) => {
        const wanted = storeDir(config, cache);
        return status === 200 && found === wanted
          ? passed(`200, StoreDir: ${found}`)
          : failed(status === 200 ? `200, StoreDir: ${found ?? "none"}` : "");
      }),
  },
  {
    id: "ingress-anonymous",
    area: "ingress",
    title: "a client without a token is refused",
    see: "docs/caches.md",
    only: "verify",
    skip: (facts) => unput(facts, facts.probes?.anonymous, "the stack declares no private cache"),
    expected: ({ probes }) => `401 for GET ${path(probes?.anonymous)} without a token`,
    judge: ({ probes }) => answered(probes?.anonymous, refused),
  },
  {
    id: "ingress-forged",
    area: "ingress",
    title: "a token that the stack did not sign is refused",
    see: "docs/leaked-token.md",
    only: "verify",
    skip: (facts) => unput(facts, facts.probes?.forged, "the stack declares no private cache"),
    expected: ({ probes }) => `401 for GET ${path(probes?.forged)} with a made-up token`,
    judge: ({ probes }) => answered(probes?.forged, refused),
  },
  {
    id: "ingress-tokens",
    area: "ingress",
    title: "no current token is refused",
    see: "docs/leaked-token.md",
    only: "verify",
    skip: (facts) => unprobed(facts) ?? (facts.probes?.tokens.length ? undefined : "the stack has no token"),
    // The server says 403 or 404 to a token that it takes and that may not, or finds no cache.
    expected: () => "an answer of the server other than 401 to every current token",
    judge: ({ probes }) => {
      const all = probes?.tokens ?? [];
      const wrong = all.flatMap((probe) => {
        const verdict = answered(probe, ({ status = 0 }) =>
          status === 200 || status === 403 || status === 404 ? passed("") : failed(""),
        );
        return verdict.ok ? [] : [`${probe.token}: ${verdict.found}`];
      });
      return wrong.length > 0 ? failed(wrong.join("; ")) : passed(`all ${all.length} are taken`);
    },
  },
];

const path = (probe: Probe | undefined) => `/${probe?.cache ?? "…"}/nix-cache-info`;

const storeDir = ({ caches }: Facts["config"], cache = "") => caches[cache]?.storeDir ?? "/nix/store";

/** Judges an answer; a failure without words of its own tells what the answer was. */
function answered(probe: Probe | undefined, judge: (probe: Probe) => Verdict): Verdict {
  if (!probe) return failed("it was not asked");
  if (probe.error !== undefined) return failed(`no answer: ${probe.error}`);
  const { ok, found } = judge(probe);
  return { ok, found: found || words(probe) };
}

const refused = ({ status }: Probe): Verdict => (status === 401 ? passed("401") : failed(""));

function words({ status, code, cache }: Probe): string {
  const answer = `${status}${code ? ` ${code}` : ""}`;
  return code === "NoSuchCache"
    ? `${answer}: the server has no cache ${cache}; atticctl caches sync makes it`
    : answer;
}
