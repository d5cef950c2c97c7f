import { BlockList, isIP } from "node:net";

/** A range of addresses, and the ranges in it that are not meant. */
export interface AddressRange {
  /** The range, for instance `10.0.0.0/16` or `fd00::/8`. */
  cidr: string;
  /** Narrower ranges within it, of the same family; Kubernetes refuses any other. */
  except: string[];
}

/**
 * What is left of some ranges. A policy's rules only add up, so a range is kept out by an exception in every range
 * that holds it, and by dropping every range that it holds.
 * @param ranges what may be reached, of both families
 * @param denied what may not, whatever `ranges` says
 * @param carved what is left out of wider ranges, but stays in where `ranges` names as little or less of it
 */
export function without(
  ranges: readonly string[],
  denied: readonly string[],
  carved: readonly string[] = [],
): AddressRange[] {
  return [...new Set(ranges)]
    .filter((cidr) => !denied.some((out) => holds(out, cidr)))
    .map((cidr) => ({
      cidr,
      except: [...new Set([...denied, ...carved])].filter((out) => holds(cidr, out) && !holds(out, cidr)),
    }));
}

/** Whether every address of the inner range is one of the outer. Ranges of two families never are. */
function holds(outer: string, inner: string): boolean {
  const [a, b] = [parse(outer), parse(inner)];
  if (a.family !== b.family || a.prefix > b.prefix) return false;
  const block = new BlockList();
  block.addSubnet(a.address, a.prefix, a.family);
  return block.check(b.address, b.family);
}

function parse(cidr: string) {
  const [address = "", prefix] = cidr.split("/");
  return { address, prefix: Number(prefix), family: isIP(address) === 6 ? "ipv6" : "ipv4" } as const;
}
