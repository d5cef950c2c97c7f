import { addressText, type Interval, isEverything } from "./intervals.ts";
import type { Rule, Ruleset, Verdict } from "./rules.ts";

/** The table of a node's network that is ours. Nodes forward IPv4 alone, so there is no other. */
export const table = "network-policies";

/** Longer names of counters are cut. */
const longestName = 250;

/**
 * A ruleset as a script for `nft -f`. It replaces the one before in one transaction; the counters go on.
 *
 * Addresses of Services are translated before packets are forwarded, so what is asked about is a pod's own address.
 */
export function script(ruleset: Ruleset): string {
  const chains = Object.entries(ruleset) as [keyof Ruleset, Rule[]][];
  const counters = new Set(
    chains.flatMap(([, rules]) => rules.flatMap(({ verdict }) => counter(verdict) ?? [])),
  );
  return [
    `add table ip ${table}`,
    `flush table ip ${table}`,
    `table ip ${table} {`,
    ...[...counters].map((name) => `  counter ${name} { }`),
    // A chain is declared before the first that leads to it.
    ...[...chains]
      .reverse()
      .flatMap(([name, rules]) => [
        `  chain ${name} {`,
        ...(name === "forward"
          ? [
              "    type filter hook forward priority filter; policy accept;",
              "    ct state established,related accept",
            ]
          : []),
        ...rules.filter(isAboutSomething).map((rule) => `    ${line(rule)}`),
        "  }",
      ]),
    "}",
    "",
  ].join("\n");
}

const isAboutSomething = ({ from, to, ports }: Rule) =>
  [from, to, ports].every((intervals) => intervals?.length !== 0);

function line({ from, to, protocol, ports, verdict }: Rule): string {
  return [
    ...(from && !isEverything(from) ? [`ip saddr ${among(from, addressText)}`] : []),
    ...(to && !isEverything(to) ? [`ip daddr ${among(to, addressText)}`] : []),
    ...(protocol && !ports ? [`ip protocol ${protocol}`] : []),
    ...(protocol && ports ? [`${protocol} dport ${among(ports, String)}`] : []),
    words(verdict),
  ].join(" ");
}

const among = (intervals: readonly Interval[], text: (number: number) => string): string =>
  `{ ${intervals
    .map(({ first, last }) => (first === last ? text(first) : `${text(first)}-${text(last)}`))
    .join(", ")} }`;

function words(verdict: Verdict): string {
  if (typeof verdict === "string") return verdict;
  return "goTo" in verdict ? `jump ${verdict.goTo}` : `counter name ${counter(verdict)} drop`;
}

const counter = (verdict: Verdict): string | undefined =>
  typeof verdict === "object" && "dropAs" in verdict ? verdict.dropAs.slice(0, longestName) : undefined;
