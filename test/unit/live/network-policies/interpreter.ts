import { addressNumber } from "../../../../live/network-policies/intervals.ts";

/** The first packet of a connection, as a node forwards it. */
export interface Packet {
  from: string;
  to: string;
  port: number;
  protocol: "tcp" | "udp";
}

/**
 * What nft would make of packets, by a script's text: `accept`, or the counter of the rule that drops one. It knows the
 * words that our scripts are made of, and no others.
 */
export function interpreter(script: string): (packet: Packet) => string {
  const chains = read(script);
  return (packet) => {
    const walk = (chain: string): string | undefined => {
      for (const { isAbout, verdict } of chains.get(chain) ?? []) {
        if (!isAbout.every((matches) => matches(packet))) continue;
        if (verdict === "return") return undefined;
        const found = verdict.startsWith("jump ") ? walk(verdict.slice("jump ".length)) : verdict;
        if (found) return found;
      }
      return undefined;
    };
    // The chain's own policy.
    return walk("forward") ?? "accept";
  };
}

interface Line {
  isAbout: ((packet: Packet) => boolean)[];
  /** `accept`, `return`, `jump CHAIN`, or the counter of what is dropped. */
  verdict: string;
}

function read(script: string): Map<string, Line[]> {
  const chains = new Map<string, Line[]>();
  for (const [, name, body] of script.matchAll(/^ {2}chain (\w+) \{\n(.*?)^ {2}\}$/gms)) {
    const lines = (body as string).split("\n").map((each) => each.trim());
    chains.set(
      name as string,
      lines
        // A first packet belongs to no connection that is established.
        .filter(
          (each) => each !== "" && !each.startsWith("type ") && !each.startsWith("ct state established"),
        )
        .map(line),
    );
  }
  return chains;
}

function line(text: string): Line {
  const isAbout: Line["isAbout"] = [];
  let rest = text;
  for (;;) {
    const match = /^(ip saddr|ip daddr|tcp dport|udp dport|ip protocol) (?:\{ (.*?) \}|(tcp|udp)) /.exec(
      rest,
    );
    if (!match) break;
    const [all, what, set = "", protocol] = match;
    const addresses = what?.endsWith("addr") ? among(set, addressNumber) : () => false;
    const ports = what?.endsWith("dport") ? among(set, Number) : () => false;
    isAbout.push((packet) => {
      switch (what) {
        case "ip saddr":
          return addresses(addressNumber(packet.from));
        case "ip daddr":
          return addresses(addressNumber(packet.to));
        case "ip protocol":
          return packet.protocol === protocol;
        default:
          return what === `${packet.protocol} dport` && ports(packet.port);
      }
    });
    rest = rest.slice(all.length);
  }
  const verdict = /^(?:counter name (\S+) drop|accept|return|jump \w+)$/.exec(rest);
  if (!verdict) throw new Error(`what is ${rest}?`);
  return { isAbout, verdict: verdict[1] ?? verdict[0] };
}

function among(set: string, parse: (text: string) => number): (number: number) => boolean {
  const intervals = set.split(", ").map((element) => {
    const [first = "", last = first] = element.split("-");
    return [parse(first), parse(last)] as const;
  });
  return (number) => intervals.some(([first, last]) => first <= number && number <= last);
}
