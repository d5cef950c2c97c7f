import type { Manifest } from "../../components/kubernetes/manifest.ts";
import type { Settings } from "../../config/schema/index.ts";
import program from "../../index.ts";
import { type MockAnswers, type RecordedResource, type Recording, record } from "../../render/record.ts";
import { testKey } from "./keys.ts";
import { least, raw } from "./settings.ts";

/** What the tls provider would compute. */
const answers: MockAnswers = {
  state: (type, name, inputs): Record<string, unknown> =>
    type === "tls:index/privateKey:PrivateKey" ? { ...testKey(name, inputs.algorithm as string) } : {},
};

interface Options {
  /** As in `pulumi preview`. @default false */
  preview?: boolean;
  /** Sections that are stored encrypted. @default none */
  secretKeys?: string[];
  /** The time of the update. */
  now?: Date;
}

const recorded = new Map<string, Promise<Recording>>();

/**
 * Records the whole program with the least settings and these. Tests that ask the same share one recording: it is
 * the most of what they cost.
 */
export async function recordProgram(
  settings: Partial<Settings> = {},
  options: Options = {},
): Promise<Recording> {
  const key = JSON.stringify([settings, options]);
  const recording = recorded.get(key) ?? recordAnew(settings, options);
  recorded.set(key, recording);
  return structuredClone(await recording);
}

/** The same, and never one that was recorded before. */
export function recordAnew(
  settings: Partial<Settings> = {},
  { preview = false, secretKeys = [], now = new Date("2026-11-21T08:00:00Z") }: Options = {},
): Promise<Recording> {
  return record(() => program(now), {
    stack: "test",
    config: raw({ ...least, ...settings }, secretKeys),
    preview,
    answers: preview ? {} : answers,
  });
}

/** The one resource of a short type and a name. */
export function find({ resources }: Recording, type: string, name: string): RecordedResource {
  const found = resources.filter((r) => r.type.endsWith(`:${type}`) && r.name === name);
  if (found.length !== 1 || !found[0]) {
    const all = resources.map((r) => `${r.type} ${r.name}`).join("\n  ");
    throw new Error(`expected one ${type} ${name}, found ${found.length} among:\n  ${all}`);
  }
  return found[0];
}

/** The same as a Kubernetes object. */
export const object = (recording: Recording, type: string, name: string) =>
  find(recording, type, name).inputs as unknown as Manifest;
