/** Numbers from the first to the last, both included. Addresses and ports are both held as such. */
export interface Interval {
  first: number;
  last: number;
}

const bits = 32;
const octet = /^(?:0|[1-9]\d{0,2})$/;

/**
 * An IPv4 address as a number.
 * @throws Error when it is none
 */
export function addressNumber(address: string): number {
  const parts = address.split(".");
  if (parts.length !== 4 || !parts.every((part) => octet.test(part) && Number(part) <= 255)) {
    throw new Error(`${address} is no IPv4 address`);
  }
  return parts.reduce((number, part) => number * 256 + Number(part), 0);
}

/** The address that a number stands for. */
export const addressText = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");

/** One address. */
export const only = (number: number): Interval => ({ first: number, last: number });

/**
 * The addresses of a range such as `10.0.0.0/8`; bits beyond the prefix do not matter.
 * @throws Error when it is none of IPv4
 */
export function rangeOf(cidr: string): Interval {
  const [address = "", prefix = "", ...more] = cidr.split("/");
  if (more.length > 0 || !/^\d{1,2}$/.test(prefix) || Number(prefix) > bits) {
    throw new Error(`${cidr} is no range of addresses`);
  }
  const size = 2 ** (bits - Number(prefix));
  const first = Math.floor(addressNumber(address) / size) * size;
  return { first, last: first + size - 1 };
}

/** All numbers of some intervals, as few intervals in order; neighbours become one. */
export function union(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const { first, last } of [...intervals].sort((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous && first <= previous.last + 1) previous.last = Math.max(previous.last, last);
    else merged.push({ first, last });
  }
  return merged;
}

/** What of some intervals is in none of the others. */
export function subtract(from: readonly Interval[], others: readonly Interval[]): Interval[] {
  let left = union(from);
  for (const other of union(others)) {
    left = left.flatMap(({ first, last }) => {
      if (other.last < first || other.first > last) return [{ first, last }];
      return [
        { first, last: other.first - 1 },
        { first: other.last + 1, last },
      ].filter((each) => each.first <= each.last);
    });
  }
  return left;
}

/** Whether a number is in one of the intervals. */
export const holds = (intervals: readonly Interval[], number: number): boolean =>
  intervals.some(({ first, last }) => first <= number && number <= last);

/** Whether these are all IPv4 addresses that there are. */
export const isEverything = ([only, ...more]: readonly Interval[]): boolean =>
  more.length === 0 && only?.first === 0 && only.last === 2 ** bits - 1;
