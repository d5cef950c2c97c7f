/** Seconds. */
export const day = 86_400;

/**
 * Seconds by which a token is valid before it is made: the server allows its clock no difference to the one that
 * the token was made by.
 */
export const backdating = 600;

/** How a token rotates. */
export interface Rotation {
  /** How long each generation is valid, in days. */
  validityDays: number;
  /** How many days before a generation's end the next one takes its place. */
  rotateBeforeDays: number;
}

/** A point in time in whole seconds since 1970, as tokens and Prometheus count it. */
export type Seconds = number;

/** One generation of a token. */
export interface Generation {
  /** Counted from 1. */
  number: number;
  /** When it takes its place. */
  issued: Seconds;
  /** From when on the server takes it: a little before. */
  notBefore: Seconds;
  /** When the server refuses it. */
  expires: Seconds;
  /** When the next one takes its place, or is due to, where a person has to see to it. */
  rotates: Seconds;
}

/** The generation that is issued at a moment. Its whole validity is never longer than the rotation says. */
export function generationOf(number: number, issued: Seconds, rotation: Rotation): Generation {
  const { validityDays, rotateBeforeDays } = rotation;
  const notBefore = issued - backdating;
  return {
    number,
    issued,
    notBefore,
    expires: notBefore + validityDays * day,
    rotates: issued + (validityDays - rotateBeforeDays) * day,
  };
}

/**
 * The generation that is published at a time, and the one before it as long as it is valid. A function of its
 * arguments alone: updates may run as often or as seldom as they like, and a clock that was set back rotates nothing.
 * @param anchor when the first generation is issued
 */
export function generationsAt(
  now: Seconds,
  anchor: Seconds,
  rotation: Rotation,
): { current: Generation; previous?: Generation } {
  const period = (rotation.validityDays - rotation.rotateBeforeDays) * day;
  const number = 1 + Math.max(0, Math.floor((now - anchor) / period));
  const nth = (n: number) => generationOf(n, anchor + (n - 1) * period, rotation);
  const before = number > 1 ? nth(number - 1) : undefined;
  return { current: nth(number), ...(before && before.expires > now && { previous: before }) };
}

/** Whole seconds of a time; what is less than one is dropped. */
export const seconds = (time: Date): Seconds => Math.floor(time.getTime() / 1000);

/** ISO 8601, in UTC. */
export const iso = (time: Seconds): string => new Date(time * 1000).toISOString().replace(".000Z", "Z");
