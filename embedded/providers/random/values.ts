/** Random values with the official provider's options. */
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import type { CheckFailure, Props } from "../provider.ts";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const NUMERIC = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

interface CharacterClass {
  readonly characters: string;
  readonly enabled: boolean;
  readonly minimum: number;
}

function classesOf(inputs: Props): CharacterClass[] {
  const { overrideSpecial } = inputs;
  const special = typeof overrideSpecial === "string" && overrideSpecial !== "" ? overrideSpecial : SPECIAL;
  return [
    { characters: LOWER, enabled: inputs.lower !== false, minimum: Number(inputs.minLower ?? 0) },
    {
      characters: LOWER.toUpperCase(),
      enabled: inputs.upper !== false,
      minimum: Number(inputs.minUpper ?? 0),
    },
    { characters: NUMERIC, enabled: inputs.numeric !== false, minimum: Number(inputs.minNumeric ?? 0) },
    { characters: special, enabled: inputs.special !== false, minimum: Number(inputs.minSpecial ?? 0) },
  ];
}

/** What is wrong with the options of a password or string. */
export function textFailures(inputs: Props): CheckFailure[] {
  const { length } = inputs;
  if (!Number.isInteger(length) || Number(length) < 1) {
    return [
      { property: "length", reason: `found ${JSON.stringify(length)}; allowed: a whole number from 1 up` },
    ];
  }
  const classes = classesOf(inputs);
  const least = classes.reduce((sum, { minimum }) => sum + minimum, 0);
  if (least > Number(length)) {
    const reason = `${String(length)} is less than minLower + minUpper + minNumeric + minSpecial, which is ${least}`;
    return [{ property: "length", reason }];
  }
  if (!classes.some(({ enabled }) => enabled)) {
    return [
      { property: "special", reason: "at least one of lower, upper, numeric and special must be true" },
    ];
  }
  return [];
}

/** A text of `length` characters, with at least the wanted number of each class. */
export function randomTextOutputs(inputs: Props): { result: string } {
  const classes = classesOf(inputs);
  const wanted = classes.flatMap(({ characters, minimum }) =>
    Array.from({ length: minimum }, () => pick(characters)),
  );
  const all = classes
    .filter(({ enabled }) => enabled)
    .map(({ characters }) => characters)
    .join("");
  const rest = Array.from({ length: Number(inputs.length) - wanted.length }, () => pick(all));
  return { result: shuffle([...wanted, ...rest]).join("") };
}

function pick(characters: string): string {
  const all = Array.from(characters);
  return all[randomInt(all.length)] ?? "";
}

/** Without it, the wanted characters would always come first. */
function shuffle(items: string[]): string[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other] as string, shuffled[last] as string];
  }
  return shuffled;
}

export function randomIdOutputs(byteLength: number, prefix: string) {
  const bytes = randomBytes(byteLength);
  const hex = bytes.toString("hex");
  return {
    /** Without the prefix, as the official provider has it. */
    id: bytes.toString("base64url"),
    b64Std: prefix + bytes.toString("base64"),
    b64Url: prefix + bytes.toString("base64url"),
    hex: prefix + hex,
    dec: prefix + BigInt(`0x${hex}`).toString(),
  };
}

export function randomUuidOutputs(): { result: string } {
  return { result: randomUUID() };
}

export function randomBytesOutputs(length: number) {
  const bytes = randomBytes(length);
  return { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
}
