import { addressNumber } from "../../../../live/network-policies/intervals.ts";

/** The first packet of a connection, as a node forwards it. */
export interface Packet {
  from: string;
  to: string;
  port: number;
  protocol: "tcp" | "udp";
}

/**
 * What nft would make of a packet, by a script's text: `accept`, or the counter of the rule that drops it. It knows the
 * words that our scripts are made of, and no others.
 */
export function interpret(script: string, packet: Packet): string {
  const chains = read(script);
  const walk = (chain: string): string | undefined => {
    for (const { words, sets } of chains.get(chain) ?? []) {
      const outcome = step(words, sets, packet);
      if (outcome === "return") return undefined;
      const found = outcome?.startsWith("jump ") ? walk(outcome.slice("jump ".length)) : outcome;
      if (found) return found;
    }
    return undefined;
  };
  // The chain's own policy.
  return walk("forward") ?? "accept";
}

interface Line {
  /** The rule, with `$0` for its first set, and so on. */
  words: string;
  sets: string[];
}

function read(script: string): Map<string, Line[]> {
  const chains = new Map<string, Line[]>();
  for (const [, name, body] of script.matchAll(/^ {2}chain (\w+) \{\n(.*?)^ {2}\}$/gms)) {
    const lines = (body as string).split("\n").map((line) => line.trim());
    chains.set(
      name as string,
      lines
        // A first packet belongs to no connection that is established.
        .filter(
          (line) => line !== "" && !line.startsWith("type ") && !line.startsWith("ct state established"),
        )
        .map((line) => {
          const sets: string[] = [];
          const words = line.replace(/\{ (.*?) \}/g, (_, set: string) => `$${sets.push(set) - 1}`);
          return { words, sets };
        }),
    );
  }
  return chains;
}

/** What a rule says of a packet; undefined when the rule is not about it. */
function step(words: string, sets: string[], { from, to, port, protocol }: Packet): string | undefined {
  let rest = words;
  for (;;) {
    const match = /^(ip saddr|ip daddr|tcp dport|udp dport|ip protocol) (\S+) /.exec(rest);
    if (!match) break;
    const [all, what, value] = match as unknown as [string, string, string];
    const set = sets[Number(value.slice(1))] ?? "";
    const isAbout = {
      "ip saddr": () => inSet(set, addressNumber(from), addressNumber),
      "ip daddr": () => inSet(set, addressNumber(to), addressNumber),
      "tcp dport": () => protocol === "tcp" && inSet(set, port, Number),
      "udp dport": () => protocol === "udp" && inSet(set, port, Number),
      "ip protocol": () => value === protocol,
    }[what];
    if (!isAbout?.()) return undefined;
    rest = rest.slice(all.length);
  }
  const verdict = /^(?:counter name (\S+) drop|accept|return|jump \w+)$/.exec(rest);
  if (!verdict) throw new Error(`what is ${rest}?`);
  return verdict[1] ?? verdict[0];
}

const inSet = (set: string, number: number, parse: (text: string) => number): boolean =>
  set.split(", ").some((element) => {
    const [first = "", last = first] = element.split("-");
    return parse(first) <= number && number <= parse(last);
  });
