import { BlockList, isIP } from "node:net";

/** Whether a range holds an address or another range; ranges of two families never do. */
export function holds(range: string, inner: string): boolean {
  const [outer, wanted] = [parse(range), parse(inner)];
  if (!outer || !wanted || outer.family !== wanted.family || outer.prefix > wanted.prefix) return false;
  const block = new BlockList();
  block.addSubnet(outer.address, outer.prefix, outer.family);
  return block.check(wanted.address, wanted.family);
}

function parse(text: string) {
  const [address = "", prefix] = text.split("/");
  const family = { 4: "ipv4", 6: "ipv6" }[isIP(address)] as "ipv4" | "ipv6" | undefined;
  if (!family) return undefined;
  return { address, family, prefix: prefix === undefined ? (family === "ipv4" ? 32 : 128) : Number(prefix) };
}
